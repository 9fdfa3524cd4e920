package org.ergometer.runtime.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.ergometer.accounting.energy.EnergySensors;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.runtime.benchmark.MemoryBandwidth;
import org.ergometer.runtime.benchmark.NeighbourBenchmark;
import org.ergometer.runtime.benchmark.OpBenchmark;
import org.ergometer.runtime.benchmark.ProductBenchmark;
import org.ergometer.runtime.benchmark.ProductBenchmark.Product;
import org.ergometer.runtime.benchmark.SamplingBenchmark;
import org.ergometer.runtime.benchmark.StepBenchmark;
import org.ergometer.runtime.config.AccelerationMode;
import org.ergometer.runtime.config.LoopConfig;
import org.ergometer.runtime.config.Setting;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.peak.MachinePeak;
import org.ergometer.runtime.report.BenchReport;
import org.ergometer.runtime.report.RunEnvironment;
import org.ergometer.runtime.threads.SharedProcessors;
import org.ergometer.runtime.training.TransformerTraining;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures this machine, and training steps on it. */
@Command(
    name = "bench",
    customSynopsis = "ergometer bench [OPTIONS]",
    sortOptions = false,
    description = {
      "Measures this machine and training on it: peaks, memory bandwidth, the products of the",
      "model's linear maps, a step by phase, and what counting costs. The best peaks are kept, with",
      "their days, for later runs; nothing else is written.",
      "Without options: the model that ergometer train builds without options."
    },
    footer = {
      "%nExamples:",
      "  ergometer bench",
      "  ergometer bench --layers 6 --heads 6 --width 384 --context 256 --batch 8",
      "  ergometer bench --seconds 60 --json"
    })
final class BenchCommand implements Callable<Integer> {

  /** Settings beside those of the model. */
  static final Set<Setting> SETTINGS =
      ModelOptions.settings(
          Setting.BATCH,
          Setting.ACCUMULATE,
          Setting.DATA,
          Setting.TOKENIZER,
          Setting.SEED,
          Setting.POWERCAP_ROOT,
          Setting.NVML_LIBRARY,
          Setting.CPU_WATTS,
          Setting.BACKEND,
          Setting.ACCELERATION);

  /** Whose ops are timed one by one; at more pairs, one for each four. */
  private static final int FEWEST_STEPS = 5;

  private static final int PAIRS_A_STEP = 4;

  private static final int MOST_NEIGHBOURS = 1000;

  private static final List<MatrixType> TYPES =
      List.of(MatrixType.FLOAT32, MatrixType.FLOAT64, MatrixType.BFLOAT16, MatrixType.FLOAT16);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Mixin private final ModelOptions model = new ModelOptions();

  @Option(
      names = "--seconds",
      paramLabel = "X",
      description = "about how long to time steps (default: ${DEFAULT-VALUE})")
  private String seconds = "30";

  @Option(
      names = "--neighbours",
      paramLabel = "N",
      description =
          "also time steps next to N processes that are always busy, and without, in turn")
  private @Nullable String neighbours;

  @Override
  public Integer call() {
    try {
      BenchReport report =
          measure(
              OptionValue.positive("seconds", seconds),
              neighbours == null
                  ? 0
                  : OptionValue.count("neighbours", neighbours, MOST_NEIGHBOURS));
      PrintWriter out = spec.commandLine().getOut();
      out.print(common.json ? report.json() : report.text());
      out.flush();
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    return ExitCode.DONE.status();
  }

  private BenchReport measure(double budget, int neighbours) {
    TrainConfig config = TrainConfig.of(model.settings(spec));
    TrainingData data = TrainingData.read(config, this::progress);
    NativeDefaults.apply(true);
    if (config.acceleration() == AccelerationMode.OFF) {
      NativeDefaults.withoutAcceleration();
    }
    NativeBackend.started(NativeBackend.settle(config.backend(), null), config.backend());
    Map<String, String> environment = RunEnvironment.describe();
    MachinePeak machine = MachinePeak.ofThisMachine(environment);
    List<Double> now = peaks(machine);
    MemoryBandwidth memory = bandwidth();
    machine.keepBandwidth(memory.triad());
    LoopConfig loop = config.loop();
    progress("products of the model's linear maps");
    List<Product> products =
        ProductBenchmark.measure(data.shape(), (long) loop.batch() * data.shape().context());
    BenchReport report = new BenchReport(environment, best(machine, now, products), memory);
    report.addProducts(products);
    addSampling(report, config);
    progress("training steps, counting and not counting in turn");
    addSteps(report, config, data, budget, neighbours);
    return report;
  }

  private void addSampling(BenchReport report, TrainConfig config) {
    progress("energy sampling");
    EnergySensors sensors =
        EnergySensors.discover(config.energy().sensors().wanted(null), System::nanoTime);
    if (!sensors.meters().isEmpty()) {
      report.addSampling(SamplingBenchmark.measure(sensors));
    }
  }

  private List<Double> peaks(MachinePeak machine) {
    List<Double> now = new ArrayList<>();
    for (MatrixType type : TYPES) {
      progress("peak of matrix products in " + type.label());
      now.add(machine.measure(type));
    }
    return now;
  }

  /**
   * The best measurements, today's and those before: that of float32 of square products, unless one
   * of the model's own was faster. A share of a peak is none above 100 %.
   */
  private static List<BenchReport.PeakNow> best(
      MachinePeak machine, List<Double> now, List<Product> products) {
    List<BenchReport.PeakNow> peaks = new ArrayList<>();
    for (int type = 0; type < TYPES.size(); type++) {
      double rate = now.get(type);
      for (Product product : type == 0 ? products : List.<Product>of()) {
        rate = Math.max(rate, product.flops() / product.bestSeconds());
      }
      peaks.add(new BenchReport.PeakNow(machine.best(TYPES.get(type), rate), rate));
    }
    return peaks;
  }

  private MemoryBandwidth bandwidth() {
    progress("memory bandwidth");
    return MemoryBandwidth.measure(Runtime.getRuntime().availableProcessors());
  }

  private void addSteps(
      BenchReport report, TrainConfig config, TrainingData data, double budget, int neighbours) {
    LoopConfig loop = config.loop();
    TokenBatches batches =
        new TokenBatches(
            data.split().training(),
            loop.batch(),
            data.shape().context(),
            config.data().order(),
            loop.seed());
    Ledger ledger = new Ledger();
    try (SharedProcessors processors = SharedProcessors.watch();
        Accounting accounting = Accounting.start(ledger);
        TransformerTraining training =
            TransformerTraining.create(
                data.shape(), config.model().recompute(), config.optimizer(), loop)) {
      Runnable step = () -> training.fit(batches::next, loop.accumulate());
      StepBenchmark.Result steps = new StepBenchmark(step).run(ledger, accounting, budget);
      report.addSteps(data.shape(), loop.stepSequences(), steps);
      progress("the ops of a step");
      report.addOps(
          new OpBenchmark(step)
              .run(accounting, Math.max(FEWEST_STEPS, steps.pairs() / PAIRS_A_STEP)));
      if (neighbours > 0) {
        progress("steps next to %s busy processes, and without, in turn".formatted(neighbours));
        report.addNeighbours(NeighbourBenchmark.measure(step, neighbours, budget));
      }
      if (processors.sharedSeconds() > 0 && neighbours == 0) {
        say(
            "other processes took processors meanwhile; for figures to quote, measure again in quiet");
      }
    }
  }

  private void progress(String what) {
    say("measuring " + what);
  }

  private void say(String line) {
    spec.commandLine().getErr().println("ergometer: " + line);
    spec.commandLine().getErr().flush();
  }
}
