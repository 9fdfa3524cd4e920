package org.ergometer.runtime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.metrics.TrainingProgress;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.accounting.utilization.MixedPeak;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.models.transformer.Precision;
import org.ergometer.runtime.acceleration.Acceleration;
import org.ergometer.runtime.backend.BackendChoice;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.checkpoint.RunLock;
import org.ergometer.runtime.checkpoint.TokenizerFile;
import org.ergometer.runtime.config.AccelerationMode;
import org.ergometer.runtime.config.ConfigFile;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.energy.RunEnergy;
import org.ergometer.runtime.peak.MachinePeak;
import org.ergometer.runtime.report.Counted;
import org.ergometer.runtime.report.ModelWork;
import org.ergometer.runtime.report.RunEnvironment;
import org.ergometer.runtime.report.RunOrigin;
import org.ergometer.runtime.report.RunReport;
import org.ergometer.runtime.report.RunStatus;
import org.ergometer.runtime.storage.AtomicFile;
import org.ergometer.runtime.storage.FileProblem;
import org.ergometer.runtime.telemetry.LiveRun;
import org.ergometer.runtime.telemetry.MetricsResource;
import org.ergometer.runtime.telemetry.MetricsServer;
import org.ergometer.runtime.telemetry.MetricsTextfile;
import org.ergometer.runtime.telemetry.Resource;
import org.ergometer.runtime.telemetry.RunMetrics;
import org.ergometer.runtime.telemetry.RunPage;
import org.ergometer.runtime.training.PrecisionSupport;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.LoggerFactory;

/**
 * The command {@code train} from a valid configuration on. Everything that may be wrong with its
 * data, port and directory is found before the directory is made.
 */
final class TrainRun {

  /** In which the trainer multiplies matrices. */
  private static final MatrixType TYPE = MatrixType.FLOAT32;

  private static final long NANOS_BETWEEN_LOOKS = 100_000_000L;

  private final TrainConfig config;
  private final ResumeMode mode;
  private final String command;
  private final boolean json;
  private final PrintWriter out;
  private final PrintWriter err;
  private final Ledger ledger = new Ledger();
  private final TrainingProgress progress = new TrainingProgress();
  private final LiveRun live = new LiveRun(UUID.randomUUID().toString());
  private final RunMetrics metrics = new RunMetrics(ledger, progress);
  private @Nullable StopSignal stop;
  private boolean begun;

  /**
   * A run of a configuration.
   *
   * @param command that asks for it, as it was written
   */
  TrainRun(
      TrainConfig config,
      ResumeMode mode,
      String command,
      boolean json,
      PrintWriter out,
      PrintWriter err) {
    this.config = config;
    this.mode = mode;
    this.command = command;
    this.json = json;
    this.out = out;
    this.err = err;
  }

  /**
   * Trains, and leaves a run's directory.
   *
   * @throws CommandException where nothing was begun, or what was begun failed
   */
  ExitCode execute() {
    NativeDefaults.apply(config.accounting().enabled());
    require(() -> Readiness.check(config, mode, line -> say("%s", line)));
    Path nvml = config.energy().sensors().nvmlLibrary();
    BackendChoice chosen = asked(() -> NativeBackend.settle(config.backend(), nvml));
    if (config.acceleration() == AccelerationMode.OFF) {
      NativeDefaults.withoutAcceleration();
    }
    startNd4j();
    TrainingData data = asked(() -> TrainingData.read(config, line -> say("%s", line)));
    Path from = config.model().from();
    if (from != null && mode == ResumeMode.NEW) {
      require(() -> StartingModel.requireFits(from, data.shape()));
    }
    BackendChoice backend = NativeBackend.started(chosen, config.backend());
    requirePrecision(backend.backend());
    if (backend.backend() == BackendChoice.Backend.CPU) {
      require(() -> Readiness.requireMemory(data.shape(), config));
    }
    try (MetricsServer server = config.metrics().enabled() ? asked(this::serve) : null) {
      RunDirectory directory = asked(this::directory);
      try (RunLock lock = asked(() -> RunLock.take(directory))) {
        Resumption earlier = resumption(directory, data);
        announce(backend, data, directory, server);
        identify(data, directory);
        prepare(directory, data, earlier);
        return show(train(data, directory, earlier, backend.gpu()), directory);
      } finally {
        linger();
        if (mode == ResumeMode.NEW && !begun) {
          directory.discard();
        }
      }
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.FAILED,
          "the run cannot go on (%s); mend that, and train --resume goes on from its last checkpoint, if it has one"
              .formatted(FileProblem.withFile(e)),
          e);
    }
  }

  /**
   * Loads ND4J's libraries while text and metrics are prepared, which takes as long. Where that
   * fails, the first use of ND4J fails again and says why. Logging is set up before: it complains
   * when two threads come first.
   */
  private static void startNd4j() {
    LoggerFactory.getILoggerFactory();
    Thread thread = new Thread(Nd4j::getBackend, "nd4j-start");
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((failed, cause) -> {});
    thread.start();
  }

  /** ND4J's own products of 16-bit numbers would take a thousand times as long. */
  private void requirePrecision(BackendChoice.Backend backend) {
    PrecisionSupport support =
        PrecisionSupport.of(
            config.precision().policy(), backend, Acceleration.status(), Acceleration::multiplies);
    if (support instanceof PrecisionSupport.Refused refused) {
      throw new CommandException(ExitCode.WRONG_USAGE, refused.reason(), null);
    }
    if (support instanceof PrecisionSupport.Widened widened) {
      say(
          "precision %s: %s; operands are rounded to it and multiplied in float32, which saves no time",
          config.precision().policy().label(), widened.reason());
    }
  }

  private static <T> T asked(Supplier<T> preparation) {
    try {
      return preparation.get();
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
  }

  private static void require(Runnable check) {
    try {
      check.run();
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
  }

  private MetricsServer serve() {
    Map<String, Resource> resources =
        Map.of(
            "/",
            RunPage.resource(),
            "/run.json",
            live,
            "/metrics",
            new MetricsResource(metrics::scrape, System::nanoTime));
    return MetricsServer.start(
        config.metrics().host(),
        config.metrics().port(),
        Readiness.protection(config.metrics(), line -> {}),
        resources);
  }

  private RunDirectory directory() {
    if (mode != ResumeMode.NEW) {
      return RunDirectory.open(Objects.requireNonNull(config.run(), "resume has a run"));
    }
    return RunDirectory.create(config.run(), LocalDateTime.now(ZoneId.systemDefault()));
  }

  private Resumption resumption(RunDirectory directory, TrainingData data) throws IOException {
    try {
      return Resumption.of(directory, config, data, mode, line -> say("%s", line));
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
  }

  private void prepare(RunDirectory directory, TrainingData data, Resumption earlier)
      throws IOException {
    String text = ConfigFile.writeRun(config);
    if (mode == ResumeMode.NEW || !text.equals(Files.readString(directory.config()))) {
      AtomicFile.write(directory.config(), text);
    }
    if (mode == ResumeMode.NEW) {
      TokenizerFile.write(directory.tokenizer(), data.tokenizer());
    } else if (earlier.checkpoint() == null) {
      say("no checkpoint of the run is whole, or it ended before its first; beginning at step 1");
    } else {
      say("going on after step %d", earlier.step());
    }
    progress.continueFrom(
        earlier.ledger().flops(), earlier.trainedTokens(), earlier.skippedSteps());
  }

  private void announce(
      BackendChoice backend,
      TrainingData data,
      RunDirectory directory,
      @Nullable MetricsServer server) {
    say("%s", backend.describe());
    say(
        "%,d parameters; %,d tokens of %s, %d kinds; run %s",
        data.shape().parameters(),
        data.tokens(),
        data.source(),
        data.shape().vocabulary(),
        directory.root());
    if (backend.backend() == BackendChoice.Backend.CPU
        && Acceleration.status() instanceof Acceleration.Status.Unavailable unavailable) {
      say("no acceleration, ND4J executes every op itself: %s", unavailable.reason());
    }
    if (server != null) {
      say("live page at %s, metrics at %s", server.url("/"), server.url("/metrics"));
      if (server.exposed() && config.metrics().auth() == null) {
        say(
            "whoever reaches this machine can read them; set --metrics-auth, or leave --metrics-host");
      } else if (server.exposed() && config.metrics().keystore() == null) {
        say("name and password cross the network as they are; set --metrics-keystore");
      }
    }
  }

  /** Leaves page and metrics up for a while, or until told to stop. */
  private void linger() {
    long nanos = Math.round(config.metrics().lingerSeconds() * 1e9);
    if (!config.metrics().enabled() || nanos == 0 || stop == null || stop.requested()) {
      return;
    }
    stop.means("the run is over; page and metrics go down");
    say("page and metrics stay up for %.0f s", config.metrics().lingerSeconds());
    long start = System.nanoTime();
    while (System.nanoTime() - start < nanos && !stop.requested()) {
      LockSupport.parkNanos(NANOS_BETWEEN_LOOKS);
    }
  }

  private void identify(TrainingData data, RunDirectory directory) {
    String model =
        "%s, width %s, %s"
            .formatted(
                Counted.of(data.shape().layers(), "layer"),
                data.shape().width(),
                Counted.of(data.shape().heads(), "head"));
    progress.identify(Map.of("run_id", directory.runId(), "model", model, "data", data.source()));
  }

  private TrainSession.Result train(
      TrainingData data, RunDirectory directory, Resumption earlier, @Nullable Integer gpu)
      throws IOException {
    StopSignal stop = StopSignal.install(err);
    this.stop = stop;
    MixedPeak mixed = mixedPeak();
    Peak peak =
        mixed == null
            ? peak()
            : mixed.of(ModelWork.ofTraining(data.shape(), config.model().recompute()));
    Double bytesPerSecond = bytesPerSecond(peak);
    try (RunEnergy energy = asked(() -> RunEnergy.start(config.energy(), gpu, earlier.energy()))) {
      energy.describe().forEach(line -> say("%s", line));
      energy.rest(stop::requested);
      energy.begin();
      begun = true;
      if (!config.accounting().enabled()) {
        return session(data, directory, earlier, null, peak, bytesPerSecond, mixed, energy)
            .run(stop);
      }
      Accounting accounting = Accounting.start(ledger);
      try {
        return session(data, directory, earlier, ledger, peak, bytesPerSecond, mixed, energy)
            .run(stop);
      } finally {
        accounting.close();
      }
    }
  }

  private TrainSession session(
      TrainingData data,
      RunDirectory directory,
      Resumption earlier,
      @Nullable Ledger counted,
      Peak peak,
      @Nullable Double bytesPerSecond,
      @Nullable MixedPeak mixedPeak,
      RunEnergy energy) {
    return new TrainSession(
        config,
        data,
        directory,
        earlier,
        counted,
        progress,
        live,
        textfile(),
        peak,
        bytesPerSecond,
        mixedPeak,
        energy,
        origin(directory),
        err);
  }

  private RunOrigin origin(RunDirectory directory) {
    return mode == ResumeMode.NEW
        ? RunOrigin.begun(Instant.now(), command)
        : RunOrigin.continued(directory.summary(), command);
  }

  private @Nullable MetricsTextfile textfile() {
    Path file = config.metrics().textfile();
    return file == null ? null : new MetricsTextfile(file, metrics::runText, System::nanoTime);
  }

  /** Before anything is counted: measuring the peak is no work of the run. */
  private Peak peak() {
    return config
        .accounting()
        .givenPeak()
        .orElseGet(() -> MachinePeak.ofThisMachine(RunEnvironment.describe()).of(TYPE));
  }

  /** Of the memory that measured products run in; that of a GPU is not this machine's. */
  private @Nullable Double bytesPerSecond(Peak peak) {
    boolean onCpu = Nd4j.getExecutioner().type() != OpExecutioner.ExecutionerType.CUDA;
    return peak.origin() == Peak.Origin.MEASURED && onCpu
        ? (Double) MachinePeak.ofThisMachine(RunEnvironment.describe()).bytesPerSecond()
        : null;
  }

  /** Peaks of the types of a mixed precision; null where there is one peak for all. */
  private @Nullable MixedPeak mixedPeak() {
    Precision policy = config.precision().policy();
    if (!policy.mixed() || config.accounting().givenPeak().isPresent()) {
      return null;
    }
    MachinePeak machine = MachinePeak.ofThisMachine(RunEnvironment.describe());
    return new MixedPeak(
        machine.of(MatrixType.named(policy.productLabel()).orElseThrow()), machine.of(TYPE));
  }

  private ExitCode show(TrainSession.Result result, RunDirectory directory) {
    if (json) {
      out.print(result.summary().text());
    } else if (result.failure() == null) {
      out.print(RunReport.of(result.summary()));
      if (!result.sample().isEmpty()) {
        out.print("\nSample\n" + result.sample() + "\n");
      }
    }
    out.flush();
    if (result.failure() != null) {
      throw result.failure();
    }
    if (result.stoppedBy() != null) {
      say("%s; the model and its summary are in %s", result.stoppedBy(), directory.root());
      return ExitCode.LIMIT;
    }
    if (result.status() == RunStatus.INTERRUPTED) {
      say("interrupted; the model and its summary are in %s", directory.root());
      say("to go on: ergometer train --resume --run %s", directory.root());
      return ExitCode.INTERRUPTED;
    }
    say("for more text: ergometer generate %s", directory.root());
    return ExitCode.DONE;
  }

  private void say(String format, Object... values) {
    err.println("ergometer: " + String.format(Locale.ROOT, format, values));
    err.flush();
  }
}
