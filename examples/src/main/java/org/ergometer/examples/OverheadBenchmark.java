package org.ergometer.examples;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.nd4j.PhaseListener;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.transformer.Optimization;
import org.ergometer.models.transformer.Transformer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains the default model with the accounting counting and paused in turn, step by step, and
 * prints tokens/s, GFLOP/s and what counting costs.
 *
 * <p>Neighbouring steps are paired, so that a machine whose speed drifts disturbs both alike; the
 * order within a pair alternates. Arguments: number of pairs, 300 by default.
 */
public final class OverheadBenchmark {

  private static final int DEFAULT_PAIRS = 300;
  private static final int WARM_UP_STEPS = 60;
  private static final int BATCH = 12;
  private static final TransformerShape SHAPE =
      TransformerShape.gpt2(4, 128, 4, 77, 64).withBias(false);

  private final ComputationGraph graph = Transformer.create(SHAPE, Optimization.adamW(1e-3), 1);
  private final INDArray[] tokens = {randomTokens(1)};
  private final INDArray[] targets = {randomTokens(2)};

  private OverheadBenchmark() {}

  public static void main(String[] arguments) {
    int pairs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_PAIRS;
    new OverheadBenchmark().run(pairs);
  }

  private void run(int pairs) {
    Ledger ledger = new Ledger();
    double[] counting = new double[pairs];
    double[] paused = new double[pairs];
    try (Accounting accounting = Accounting.start(ledger);
        PhaseListener phases = new PhaseListener()) {
      graph.setListeners(phases);
      for (int step = 0; step < WARM_UP_STEPS; step++) {
        stepSeconds();
      }
      BigInteger before = ledger.snapshot().flops();
      for (int pair = 0; pair < pairs; pair++) {
        boolean countingFirst = pair % 2 == 0;
        if (countingFirst) {
          counting[pair] = stepSeconds();
        }
        accounting.pause();
        paused[pair] = stepSeconds();
        accounting.resume();
        if (!countingFirst) {
          counting[pair] = stepSeconds();
        }
      }
      BigInteger flops = ledger.snapshot().flops().subtract(before);
      print(counting, paused, flops.doubleValue() / pairs);
    }
  }

  private double stepSeconds() {
    long start = System.nanoTime();
    graph.fit(tokens, targets);
    return (System.nanoTime() - start) * 1e-9;
  }

  private static void print(double[] counting, double[] paused, double flopsPerStep) {
    double[] ratios = new double[counting.length];
    for (int pair = 0; pair < ratios.length; pair++) {
      ratios[pair] = counting[pair] / paused[pair];
    }
    double step = quantile(counting, 0.5);
    line("step, accounting on (median)", step * 1e3, "ms");
    line("step, accounting paused (median)", quantile(paused, 0.5) * 1e3, "ms");
    line("throughput", BATCH * SHAPE.context() / step, "tokens/s");
    line("compute", flopsPerStep / step * 1e-9, "GFLOP/s, all ops");
    line("overhead (median of paired ratios)", (quantile(ratios, 0.5) - 1) * 100, "%");
    line("  lower quartile of pairs", (quantile(ratios, 0.25) - 1) * 100, "%");
    line("  upper quartile of pairs", (quantile(ratios, 0.75) - 1) * 100, "%");
  }

  private static void line(String name, double value, String unit) {
    System.out.printf(Locale.ROOT, "%-36s %12.2f %s%n", name, value, unit);
  }

  private static double quantile(double[] values, double fraction) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.round(fraction * (sorted.length - 1))];
  }

  private static INDArray randomTokens(long seed) {
    int[] ids =
        new Random(seed).ints((long) BATCH * SHAPE.context(), 0, SHAPE.vocabulary()).toArray();
    return Nd4j.createFromArray(ids).castTo(DataType.INT32).reshape('c', BATCH, SHAPE.context());
  }
}
