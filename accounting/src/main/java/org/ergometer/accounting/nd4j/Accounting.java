package org.ergometer.accounting.nd4j;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.ergometer.accounting.flops.FlopRegistry;
import org.ergometer.accounting.ledger.Ledger;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Counts every native op of this process into a ledger, from {@link #start} to {@link #close}.
 *
 * <pre>{@code
 * Ledger ledger = new Ledger();
 * try (Accounting accounting = Accounting.start(ledger)) {
 *   network.fit(data);
 * }
 * System.out.println(ledger.snapshot().flops());
 * }</pre>
 *
 * <p>Ops are booked under the {@link org.ergometer.accounting.op.Scope} of the thread that executes
 * them. There is one native seam, hence one accounting at a time; ops of all threads go to it.
 */
public final class Accounting implements AutoCloseable {

  private static final AtomicReference<Accounting> OPEN = new AtomicReference<>();

  private volatile Recorder.Sink sink;

  private Accounting(Recorder.Sink sink) {
    this.sink = sink;
  }

  /** Whether ND4J runs through the hook; starts ND4J if it does not run yet. */
  public static boolean installed() {
    return seam() instanceof CountingNativeOps;
  }

  /** Counts by the standard rules. */
  public static Accounting start(Ledger ledger) {
    return start(ledger, FlopRegistry.standard());
  }

  /**
   * Counts by the given rules; an op without one is booked as unaccounted.
   *
   * @throws IllegalStateException if the hook is not installed, or another accounting is open
   */
  public static Accounting start(Ledger ledger, FlopRegistry rules) {
    if (!(seam() instanceof CountingNativeOps seam)) {
      throw new IllegalStateException(reasonNotInstalled());
    }
    RuleTable table = new RuleTable(rules, seam.getAllCustomOps());
    Accounting accounting = new Accounting(new Recorder.Sink(ledger, table));
    if (!OPEN.compareAndSet(null, accounting)) {
      throw new IllegalStateException(
          "an accounting is open already and there is one native seam; close it first");
    }
    Recorder.PROCESS.tellMissing(ledger);
    accounting.resume();
    return accounting;
  }

  /** Stops counting until {@link #resume}; ops run on as they are. */
  public void pause() {
    requireOpen();
    Recorder.PROCESS.attach(null);
  }

  /** Counts again after {@link #pause}. */
  public void resume() {
    requireOpen();
    Recorder.PROCESS.attach(sink);
  }

  /**
   * Tells a watcher of each op that is counted from now on, instead of the one before; each op
   * takes longer for what it does.
   *
   * @param watcher null for nobody
   */
  public void watch(@Nullable OpWatcher watcher) {
    requireOpen();
    sink = new Recorder.Sink(sink.ledger(), sink.rules(), watcher);
    if (Recorder.PROCESS.attached()) {
      resume();
    }
  }

  /**
   * Does something that is no work of what is measured, such as saving it: ops of all threads go
   * uncounted meanwhile. Where nothing is counted, as within such work, this changes nothing.
   */
  public static <T> T uncounted(Supplier<T> work) {
    Accounting open = OPEN.get();
    if (open == null || !Recorder.PROCESS.attached()) {
      return work.get();
    }
    open.pause();
    try {
      return work.get();
    } finally {
      open.resume();
    }
  }

  /** Ends the counting; the ledger stays as it is. Closing again does nothing. */
  @Override
  public void close() {
    if (OPEN.get() == this) {
      Recorder.PROCESS.attach(null);
      OPEN.set(null);
    }
  }

  private void requireOpen() {
    if (OPEN.get() != this) {
      throw new IllegalStateException("this accounting is closed; start another");
    }
  }

  /** ND4J has to be started first: its holder cannot start it. */
  private static NativeOps seam() {
    Nd4j.getBackend();
    return NativeOpsHolder.getInstance().getDeviceNativeOps();
  }

  private static String reasonNotInstalled() {
    if (AccountingBackend.switchedOff()) {
      return "the accounting hook is switched off by -D%s=off; start the JVM without it"
          .formatted(AccountingBackend.PROPERTY);
    }
    return ("the accounting hook is not installed: ND4J's backend is %s and its native.ops is %s;"
            + " put ergometer-accounting on the class path before ND4J starts, and set neither"
            + " -Dnative.ops nor -Dbackends")
        .formatted(Nd4j.getBackend(), seam().getClass().getName());
  }
}
