package org.ergometer.accounting.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where the current thread is in training: its phase and layer, as a stack that is pushed by {@code
 * enter} and popped by {@link #close}.
 *
 * <pre>{@code
 * try (Scope scope = Scope.enter("block.0.attention")) {
 *   … // ops executed here are counted under that layer
 * }
 * }</pre>
 *
 * <p>Entering allocates nothing once the stack has grown to its depth. A thread that never entered
 * a scope is in phase {@link Phase#OTHER} and layer {@link #NO_LAYER}. Not for sharing between
 * threads: every thread has its own.
 */
public final class Scope implements AutoCloseable {

  /** Layer of work that belongs to no layer, such as the update of all parameters at once. */
  public static final String NO_LAYER = "none";

  private static final ThreadLocal<Scope> CURRENT = ThreadLocal.withInitial(Scope::new);
  private static final int INITIAL_DEPTH = 16;

  private Phase[] phases = new Phase[INITIAL_DEPTH];
  private String[] layers = new String[INITIAL_DEPTH];
  private final List<Consumer<Phase>> watchers = new ArrayList<>();
  private int depth;

  private Scope() {
    phases[0] = Phase.OTHER;
    layers[0] = NO_LAYER;
  }

  /** The current thread's scope. */
  public static Scope current() {
    return CURRENT.get();
  }

  /** Enters a layer, in the phase that holds already. */
  public static Scope enter(String layer) {
    Scope scope = current();
    return scope.push(scope.phase(), layer);
  }

  /** Enters a phase, in the layer that holds already. */
  public static Scope enter(Phase phase) {
    Scope scope = current();
    return scope.push(phase, scope.layer());
  }

  /** Enters a phase and a layer. */
  public static Scope enter(Phase phase, String layer) {
    return current().push(phase, layer);
  }

  /** Changes the phase that holds now, until the scope entered last is closed. */
  public static void switchTo(Phase phase) {
    Scope scope = current();
    Phase before = scope.phase();
    scope.phases[scope.depth] = phase;
    scope.announce(before);
  }

  /** Tells {@code watcher} every change of this thread's phase, on this thread, when it happens. */
  public void watch(Consumer<Phase> watcher) {
    watchers.add(watcher);
  }

  /** Ends what {@link #watch} began. */
  public void unwatch(Consumer<Phase> watcher) {
    watchers.remove(watcher);
  }

  /** Does work on this thread of which no watcher is told; it leaves the scope as it finds it. */
  public static void unwatched(Runnable work) {
    List<Consumer<Phase>> watchers = current().watchers;
    List<Consumer<Phase>> told = List.copyOf(watchers);
    watchers.clear();
    try {
      work.run();
    } finally {
      watchers.addAll(told);
    }
  }

  public Phase phase() {
    return phases[depth];
  }

  public String layer() {
    return layers[depth];
  }

  /** Leaves what was entered last. */
  @Override
  public void close() {
    if (depth == 0) {
      throw new IllegalStateException("no scope to leave: close() called more often than enter()");
    }
    Phase before = phase();
    depth--;
    announce(before);
  }

  private Scope push(Phase phase, String layer) {
    if (depth + 1 == phases.length) {
      phases = Arrays.copyOf(phases, 2 * phases.length);
      layers = Arrays.copyOf(layers, 2 * layers.length);
    }
    Phase before = phase();
    depth++;
    phases[depth] = phase;
    layers[depth] = layer;
    announce(before);
    return this;
  }

  /** By index, since an iterator would be an object for each change. */
  private void announce(Phase before) {
    Phase now = phase();
    if (now != before) {
      for (int watcher = 0; watcher < watchers.size(); watcher++) {
        watchers.get(watcher).accept(now);
      }
    }
  }
}
