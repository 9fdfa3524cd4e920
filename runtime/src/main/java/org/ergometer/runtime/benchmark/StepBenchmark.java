package org.ergometer.runtime.benchmark;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;

/**
 * Times training steps with the accounting counting and paused in turn. Neighbouring steps are a
 * pair, so that a machine whose speed drifts disturbs both alike; the order within a pair
 * alternates.
 */
public final class StepBenchmark {

  private static final int WARM_UP = 10;
  private static final int FEWEST_PAIRS = 6;
  private static final int MOST_PAIRS = 150;

  private final Runnable step;
  private final Map<Phase, double[]> phaseSeconds = new EnumMap<>(Phase.class);
  private int pairs;
  private int pair;
  private Phase phase = Phase.OTHER;
  private long since;

  /**
   * What was measured.
   *
   * @param seconds of a step, counting
   * @param pausedSeconds of a step, not counting
   * @param overhead counting over not counting, minus one, of each pair
   * @param phaseSeconds of a counting step, by phase, the median
   * @param work what was counted in all counting steps
   * @param pairs steps of either kind
   */
  public record Result(
      Quartiles seconds,
      Quartiles pausedSeconds,
      Quartiles overhead,
      Map<Phase, Double> phaseSeconds,
      LedgerSnapshot work,
      int pairs) {

    public Result {
      phaseSeconds = Map.copyOf(phaseSeconds);
    }
  }

  /** Steps of a training. */
  public StepBenchmark(Runnable step) {
    this.step = step;
  }

  /** Warms up, then measures pairs for about so many seconds, on the calling thread. */
  public Result run(Ledger ledger, Accounting accounting, double seconds) {
    double last = 0;
    for (int warmUp = 0; warmUp < WARM_UP; warmUp++) {
      last = time();
    }
    pairs = (int) Math.max(FEWEST_PAIRS, Math.min(MOST_PAIRS, seconds / (2 * last)));
    LedgerSnapshot before = ledger.snapshot();
    double[] counting = new double[pairs];
    double[] paused = new double[pairs];
    double[] overhead = new double[pairs];
    for (pair = 0; pair < pairs; pair++) {
      boolean countingFirst = pair % 2 == 0;
      if (countingFirst) {
        counting[pair] = watched();
      }
      accounting.pause();
      paused[pair] = time();
      accounting.resume();
      if (!countingFirst) {
        counting[pair] = watched();
      }
      overhead[pair] = counting[pair] / paused[pair] - 1;
    }
    Map<Phase, Double> medians = new EnumMap<>(Phase.class);
    phaseSeconds.forEach((key, each) -> medians.put(key, Quartiles.of(each).median()));
    return new Result(
        Quartiles.of(counting),
        Quartiles.of(paused),
        Quartiles.of(overhead),
        medians,
        ledger.snapshot().minus(before),
        pairs);
  }

  private double watched() {
    Scope scope = Scope.current();
    Consumer<Phase> watcher = this::changed;
    phase = scope.phase();
    since = System.nanoTime();
    scope.watch(watcher);
    try {
      return time();
    } finally {
      changed(phase);
      scope.unwatch(watcher);
    }
  }

  private void changed(Phase next) {
    long now = System.nanoTime();
    phaseSeconds.computeIfAbsent(phase, key -> new double[pairs])[pair] += (now - since) * 1e-9;
    since = now;
    phase = next;
  }

  private double time() {
    long start = System.nanoTime();
    step.run();
    return (System.nanoTime() - start) * 1e-9;
  }
}
