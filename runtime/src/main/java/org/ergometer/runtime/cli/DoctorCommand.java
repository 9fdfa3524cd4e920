package org.ergometer.runtime.cli;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.ergometer.accounting.energy.EnergyMeter;
import org.ergometer.accounting.energy.EnergySensors;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.runtime.backend.BackendChoice;
import org.ergometer.runtime.backend.BackendChoice.Backend;
import org.ergometer.runtime.backend.BackendRequest;
import org.ergometer.runtime.backend.CudaLibrary;
import org.ergometer.runtime.backend.Gpus;
import org.ergometer.runtime.peak.MachinePeak;
import org.ergometer.runtime.report.DoctorReport;
import org.ergometer.runtime.report.RunEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what this machine offers for training and for measuring it. */
@Command(
    name = "doctor",
    sortOptions = false,
    description = {
      "Shows what this machine offers: backend, BLAS kernels, SIMD, measured peaks, energy",
      "sensors and GPUs; what cannot be used with the reason, and the command that mends it."
    },
    footer = {"%nExamples:", "  ergometer doctor", "  ergometer doctor --json | jq .energy"})
final class DoctorCommand implements Callable<Integer> {

  private static final List<MatrixType> TYPES =
      List.of(MatrixType.FLOAT32, MatrixType.FLOAT64, MatrixType.BFLOAT16, MatrixType.FLOAT16);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Option(
      names = "--powercap-root",
      paramLabel = "DIR",
      description = "where Linux shows the energy counters of processors")
  private Path powercapRoot = EnergySensors.POWERCAP;

  @Option(
      names = "--nvml-library",
      paramLabel = "FILE",
      description = "NVIDIA's management library (default: the driver's)")
  private @Nullable Path nvmlLibrary;

  @Option(
      names = "--cpu-watts",
      paramLabel = "X",
      description = "power of the processors at full load, where no sensor is")
  private @Nullable Double cpuWatts;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "auto or cpu: what to look at the machine with (default: auto)")
  private String backend = "auto";

  @Override
  public Integer call() {
    try {
      DoctorReport report = examine();
      CommandLine command = spec.commandLine();
      command.getOut().print(common.json ? report.json() : report.text());
      command.getOut().flush();
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    return ExitCode.DONE.status();
  }

  private DoctorReport examine() {
    if (nvmlLibrary != null && !Files.isRegularFile(nvmlLibrary)) {
      throw new InvalidInputException(
          "nvml-library must be a file that exists, got %s; set --nvml-library"
              .formatted(nvmlLibrary));
    }
    NativeDefaults.apply(false);
    BackendRequest request = BackendRequest.of(backend);
    BackendChoice choice =
        NativeBackend.started(NativeBackend.settle(request, nvmlLibrary), request);
    Map<String, String> environment = RunEnvironment.describe();
    DoctorReport report = new DoctorReport(choice, environment);
    MachinePeak peak = MachinePeak.ofThisMachine(environment);
    report.addPeaks(TYPES.stream().map(peak::dated).toList());
    boolean gpus = choice.backend() == Backend.CUDA || nvmlLibrary != null;
    EnergySensors sensors =
        EnergySensors.discover(
            new EnergySensors.Wanted(powercapRoot, nvmlLibrary, gpus, choice.gpu(), cpuWatts, null),
            System::nanoTime);
    sensors.meters().forEach(EnergyMeter::close);
    report.addSensors(sensors.statuses());
    addGpus(report);
    return report;
  }

  private void addGpus(DoctorReport report) {
    Gpus gpus = NativeBackend.gpus(nvmlLibrary);
    try {
      CudaLibrary library = CudaLibrary.onClassPath();
      report.addGpus(gpus, library);
      report.addLibrary(library);
    } catch (UncheckedIOException unreadable) {
      report.addGpus(gpus, null);
      report.addUnreadableLibrary(String.valueOf(unreadable.getMessage()));
    }
  }
}
