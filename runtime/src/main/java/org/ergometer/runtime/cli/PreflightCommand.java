package org.ergometer.runtime.cli;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.ergometer.runtime.backend.BackendRequest;
import org.ergometer.runtime.backend.CudaLibrary;
import org.ergometer.runtime.backend.Gpus;
import org.ergometer.runtime.config.TrainConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * Tells the launcher what a command needs fetched: prints the build's profiles, or nothing. First
 * ND4J's CUDA build, where CUDA is asked for and there is a GPU; when that is here and holds code
 * for the GPU, CUDA's own libraries, if they are nowhere.
 */
@Command(name = "preflight", hidden = true)
final class PreflightCommand implements Callable<Integer> {

  private static final String BUILD = "cuda";
  private static final String BUILD_AND_LIBRARIES = "cuda,cuda-redist";

  @Spec private CommandSpec spec = CommandSpec.create();

  /** The command and its arguments. */
  @Unmatched private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() {
    TrainConfig config = training();
    if (config != null && config.backend() == BackendRequest.CUDA) {
      String missing = missing(config.energy().sensors().nvmlLibrary());
      if (missing != null) {
        spec.commandLine().getOut().println(missing);
        spec.commandLine().getOut().flush();
      }
    }
    return ExitCode.DONE.status();
  }

  /** What a training is configured as; null for anything that does not train, or is wrong. */
  private @Nullable TrainConfig training() {
    try {
      CommandLine root = spec.commandLine().getParent();
      ParseResult parsed = root.parseArgs(arguments.toArray(String[]::new));
      ParseResult command = parsed.subcommand();
      return command != null
              && !command.isUsageHelpRequested()
              && command.commandSpec().userObject() instanceof TrainCommand train
          ? train.configurationToTrain()
          : null;
    } catch (ParameterException | CommandException wrong) {
      return null; // the command itself will say so
    }
  }

  private static @Nullable String missing(@Nullable Path nvmlLibrary) {
    if (!(NativeBackend.gpus(nvmlLibrary) instanceof Gpus.Listed listed)
        || listed.gpus().isEmpty()) {
      return null;
    }
    CudaLibrary library;
    try {
      library = CudaLibrary.onClassPath();
    } catch (UncheckedIOException unreadable) {
      return null;
    }
    if (library == null) {
      return BUILD;
    }
    boolean lacks = library.missing().stream().anyMatch(name -> !name.equals(CudaLibrary.DRIVER));
    return lacks && library.code().runsOn(listed.gpus().get(0).capability())
        ? BUILD_AND_LIBRARIES
        : null;
  }
}
