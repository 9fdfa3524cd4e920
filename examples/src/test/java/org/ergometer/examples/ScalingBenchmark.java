package org.ergometer.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.models.data.TokenSequence;
import org.ergometer.models.data.WindowOrder;
import org.ergometer.runtime.benchmark.Quartiles;
import org.ergometer.runtime.config.Divergence;
import org.ergometer.runtime.config.LoopConfig;
import org.ergometer.runtime.config.OptimizerConfig;
import org.ergometer.runtime.config.OptimizerKind;
import org.ergometer.runtime.config.ScheduleKind;
import org.ergometer.runtime.training.TransformerTraining;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Shows how the time of a training step grows with layers, batch, vocabulary and context: steps of
 * models that differ in one of them are timed in turn, and their medians held against a line over
 * the FLOPs that were counted in them. Prints tables; draws all four.
 *
 * <p>Arguments: the picture's file, without {@code .png}; steps of each model.
 */
final class ScalingBenchmark {

  private static final int WARM_UP = 8;
  private static final int LAYERS = 4;
  private static final int WIDTH = 128;
  private static final int HEADS = 4;
  private static final int VOCABULARY = 77;
  private static final int CONTEXT = 64;
  private static final int BATCH = 12;
  private static final int TOKENS = 200_000;
  private static final long SEED = 1;
  private static final double MILLI = 1e3;
  private static final double GIGA = 1e9;

  /** What differs; all else is as {@code ergometer train} has it without options. */
  private enum Dimension {
    LAYERS(1, 2, 4, 8, 12),
    BATCH(3, 6, 12, 24, 48),
    VOCABULARY(77, 1024, 4096, 8192, 16_384),
    CONTEXT(32, 64, 128, 256, 512);

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<Integer> values;

    Dimension(Integer... values) {
      this.values = List.of(values);
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A model, and what was measured of its steps. */
  private static final class Model implements AutoCloseable {

    private final int value;
    private final double predicted;
    private final double[] seconds;
    private final TransformerTraining training;
    private final TokenBatches batches;
    private double counted;

    Model(Dimension dimension, int value, int steps) {
      this.value = value;
      this.seconds = new double[steps];
      int batch = dimension == Dimension.BATCH ? value : BATCH;
      int vocabulary = dimension == Dimension.VOCABULARY ? value : VOCABULARY;
      int context = dimension == Dimension.CONTEXT ? value : CONTEXT;
      int layers = dimension == Dimension.LAYERS ? value : LAYERS;
      TransformerShape shape =
          TransformerShape.gpt2(layers, WIDTH, HEADS, vocabulary, context).withBias(false);
      this.predicted = MatrixProducts.trainingStep(shape, batch, context).flops().doubleValue();
      this.training = TransformerTraining.create(shape, optimizer(), loop(WARM_UP + steps, batch));
      int[] tokens = new Random(SEED).ints(TOKENS, 0, vocabulary).toArray();
      this.batches =
          new TokenBatches(TokenSequence.of(tokens), batch, context, WindowOrder.RANDOM, SEED);
    }

    void step() {
      training.fit(batches::next, 1);
    }

    double median() {
      return Quartiles.of(seconds).median();
    }

    @Override
    public void close() {
      training.close();
    }
  }

  private ScalingBenchmark() {}

  /** Measures, prints and draws. */
  public static void main(String[] arguments) throws IOException {
    Path picture = Path.of(arguments[0]);
    int steps = Integer.parseInt(arguments[1]);
    List<XYChart> charts = new ArrayList<>();
    Ledger ledger = new Ledger();
    try (Accounting accounting = Accounting.start(ledger)) {
      for (Dimension dimension : Dimension.values()) {
        List<Model> models = new ArrayList<>();
        try {
          for (int value : dimension.values) {
            models.add(new Model(dimension, value, steps));
          }
          measure(models, ledger, steps);
          charts.add(show(dimension, models));
        } finally {
          models.forEach(Model::close);
        }
      }
    }
    BitmapEncoder.saveBitmap(charts, 2, 2, picture.toString(), BitmapFormat.PNG);
    System.out.println("drawn: " + picture + ".png");
  }

  private static void measure(List<Model> models, Ledger ledger, int steps) {
    for (Model model : models) {
      for (int step = 0; step < WARM_UP; step++) {
        LedgerSnapshot before = ledger.snapshot();
        model.step();
        model.counted = ledger.snapshot().minus(before).matmulFlops().doubleValue();
      }
    }
    for (int step = 0; step < steps; step++) {
      for (Model model : models) {
        model.step(); // what another model left in the caches is its own again
        long start = System.nanoTime();
        model.step();
        model.seconds[step] = (System.nanoTime() - start) * 1e-9;
      }
    }
  }

  /** The line t = a + b·FLOPs that has the least squares of relative errors. */
  private static double[] line(List<Model> models) {
    double weights = 0;
    double x = 0;
    double y = 0;
    double xx = 0;
    double xy = 0;
    for (Model model : models) {
      double weight = 1 / (model.median() * model.median());
      weights += weight;
      x += weight * model.counted;
      y += weight * model.median();
      xx += weight * model.counted * model.counted;
      xy += weight * model.counted * model.median();
    }
    double slope = (weights * xy - x * y) / (weights * xx - x * x);
    return new double[] {(y - slope * x) / weights, slope};
  }

  private static XYChart show(Dimension dimension, List<Model> models) {
    double[] line = line(models);
    double[] x = models.stream().mapToDouble(model -> model.value).toArray();
    double[] measured = models.stream().mapToDouble(model -> model.median() * MILLI).toArray();
    double[] fitted =
        models.stream().mapToDouble(model -> (line[0] + line[1] * model.counted) * MILLI).toArray();
    System.out.printf(
        Locale.ROOT,
        "%n| %s | step, ms | quartiles | GFLOP of products, predicted | counted | GFLOP/s | beside the line |%n"
            + "| --- | --- | --- | --- | --- | --- | --- |%n",
        dimension.label());
    for (int at = 0; at < x.length; at++) {
      Model model = models.get(at);
      Quartiles seconds = Quartiles.of(model.seconds);
      System.out.printf(
          Locale.ROOT,
          "| %d | %.1f | %.1f to %.1f | %.2f | %.2f | %.0f | %+.1f %% |%n",
          model.value,
          measured[at],
          seconds.lower() * MILLI,
          seconds.upper() * MILLI,
          model.predicted / GIGA,
          model.counted / GIGA,
          model.counted / model.median() / GIGA,
          100 * (measured[at] / fitted[at] - 1));
    }
    System.out.printf(
        Locale.ROOT,
        "line: %.2f ms, and 1 s for each %.1f GFLOP%n",
        line[0] * MILLI,
        1 / line[1] / GIGA);
    XYChart chart =
        new XYChartBuilder()
            .width(640)
            .height(420)
            .title("time of a step by " + dimension.label())
            .xAxisTitle(dimension.label())
            .yAxisTitle("ms")
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setXAxisMin(0.0);
    chart.addSeries("by the FLOPs counted", x, fitted).setMarker(SeriesMarkers.NONE);
    chart
        .addSeries("measured", x, measured)
        .setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter)
        .setMarker(SeriesMarkers.CIRCLE);
    return chart;
  }

  private static OptimizerConfig optimizer() {
    return new OptimizerConfig(
        OptimizerKind.ADAMW, 1e-3, 1e-3, ScheduleKind.CONSTANT, 0, 0, 0.1, 0.9, 0.95, 0, 1, 0, 0);
  }

  private static LoopConfig loop(int steps, int batch) {
    return new LoopConfig(steps, batch, 1, SEED, steps, 1, null, Divergence.STOP, null);
  }
}
