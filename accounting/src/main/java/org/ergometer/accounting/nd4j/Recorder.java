package org.ergometer.accounting.nd4j;

import java.util.concurrent.atomic.AtomicInteger;
import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.ledger.Ledger;
import org.jspecify.annotations.Nullable;

/**
 * Turns executed native ops into entries of a ledger, while one is attached.
 *
 * <pre>{@code
 * recorder.op(SeamOp.MEMCPY).input(UINT8, bytes).output(UINT8, bytes).book();
 * }</pre>
 *
 * <p>Nothing in such a line throws: an op that cannot be counted is noted in the ledger as an
 * accounting error, and the step goes on.
 */
final class Recorder {

  /** The recorder of the process: ND4J has one native seam. */
  static final Recorder PROCESS = new Recorder();

  /** Takes everything and keeps nothing; stands in while no ledger is attached. */
  private static final OpView IGNORED = new OpView();

  private final ThreadLocal<OpView> views = ThreadLocal.withInitial(OpView::new);
  private final AtomicInteger missing = new AtomicInteger();
  private volatile @Nullable Sink sink;

  /**
   * Where counted ops go, and the rules they are counted by.
   *
   * @param watcher who is told of each; null for nobody
   */
  record Sink(Ledger ledger, RuleTable rules, @Nullable OpWatcher watcher) {
    Sink(Ledger ledger, RuleTable rules) {
      this(ledger, rules, null);
    }
  }

  /** Counts into {@code target} from now on; into nothing if it is null. */
  void attach(@Nullable Sink target) {
    sink = target;
  }

  /** Notes that calls of a kind cannot be seen in this process: an error of every accounting. */
  void missesCalls() {
    missing.incrementAndGet();
    Sink target = sink;
    if (target != null) {
      target.ledger().recordError();
    }
  }

  /** Enters in a new ledger what cannot be seen. */
  void tellMissing(Ledger ledger) {
    for (int kind = missing.get(); kind > 0; kind--) {
      ledger.recordError();
    }
  }

  boolean attached() {
    return sink != null;
  }

  /** How many ops this thread has counted: tells whether a call counted something within. */
  long recordedByThread() {
    return sink == null ? 0 : views.get().recorded();
  }

  OpView op(LegacyOps family, int number) {
    Sink target = sink;
    return target == null ? IGNORED : begin(target, target.rules.legacy(family, number));
  }

  OpView op(SeamOp op) {
    Sink target = sink;
    return target == null ? IGNORED : begin(target, target.rules.seam(op));
  }

  OpView customOp(long hash) {
    Sink target = sink;
    return target == null ? IGNORED : begin(target, target.rules.custom(hash));
  }

  OpView blas(String routine) {
    Sink target = sink;
    return target == null ? IGNORED : begin(target, target.rules.blas(routine));
  }

  /** A formula that executes ops itself is counted with a view of its own. */
  private OpView begin(Sink target, OpRule rule) {
    OpView view = views.get();
    return (view.busy() ? new OpView(view) : view).begin(target, rule);
  }
}
