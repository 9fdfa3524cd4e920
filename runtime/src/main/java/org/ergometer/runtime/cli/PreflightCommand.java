package org.ergometer.runtime.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.ergometer.runtime.backend.CudaLibrary;
import org.ergometer.runtime.backend.Gpus;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Tells the launcher which of CUDA's own libraries to fetch: prints those that ND4J's CUDA build
 * needs and that are nowhere, if it holds code for the first GPU, and nothing if it does not.
 */
@Command(name = "preflight", hidden = true)
final class PreflightCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--nvml-library")
  private @Nullable Path nvmlLibrary;

  @Override
  public Integer call() {
    CudaLibrary library = CudaLibrary.onClassPath();
    boolean runs =
        library != null
            && NativeBackend.gpus(nvmlLibrary) instanceof Gpus.Listed listed
            && !listed.gpus().isEmpty()
            && library.code().runsOn(listed.gpus().get(0).capability());
    if (library != null && runs) {
      library.missing().stream()
          .filter(name -> !name.equals(CudaLibrary.DRIVER))
          .forEach(spec.commandLine().getOut()::println);
    }
    spec.commandLine().getOut().flush();
    return ExitCode.DONE.status();
  }
}
