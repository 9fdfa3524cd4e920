package org.ergometer.runtime.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.runtime.backend.BackendRequest;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.checkpoint.SavedModel;
import org.ergometer.runtime.storage.FileProblem;
import org.ergometer.runtime.weights.ElementFormat;
import org.ergometer.runtime.weights.HuggingFaceModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the model of a run as Hugging Face's files. */
@Command(
    name = "export",
    sortOptions = false,
    description = {
      "Writes the model of a run as Hugging Face's files: config.json, model.safetensors and those",
      "of the tokenizer, as GPT-2 or Llama, whichever it is in the style of."
    },
    footer = {"%nExamples:", "  ergometer export runs/book --to book-model"})
final class ExportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Parameters(index = "0", paramLabel = "RUN", description = "directory of the run")
  private Path run = Path.of("");

  @Option(names = "--to", paramLabel = "DIR", description = "new directory for the files")
  private @Nullable Path to;

  @Option(
      names = "--dtype",
      paramLabel = "NAME",
      defaultValue = "float32",
      description = "of the weights: float32 or bfloat16 (default: ${DEFAULT-VALUE})")
  private String type = "";

  @Override
  public Integer call() {
    try {
      if (to == null) {
        throw new InvalidInputException("the directory is unknown; set --to");
      }
      ElementFormat format = format();
      NewDirectory directory = NewDirectory.of("to", to);
      NativeDefaults.apply(false);
      NativeBackend.settle(BackendRequest.AUTO, null);
      SavedModel source = SavedModel.read(RunDirectory.open(run));
      String modelType =
          directory.fill(
              part -> HuggingFaceModel.write(part, source.model(), source.tokenizer(), format));
      print(Transformer.shape(source.model()), modelType, to);
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.FAILED,
          "%s cannot be made of %s (%s); check both and the room on the disk"
              .formatted(to, run, FileProblem.withFile(e)),
          e);
    }
    return ExitCode.DONE.status();
  }

  private ElementFormat format() {
    return switch (type) {
      case "float32" -> ElementFormat.FLOAT32;
      case "bfloat16" -> ElementFormat.BFLOAT16;
      default ->
          throw new InvalidInputException(
              "dtype must be float32 or bfloat16, got \"%s\"; set --dtype".formatted(type));
    };
  }

  private void print(TransformerShape shape, String modelType, Path directory) {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      ObjectNode json =
          JsonNodeFactory.instance
              .objectNode()
              .put("schema", "ergometer.export/1")
              .put("model_type", modelType)
              .put("parameters", shape.parameters())
              .put("directory", directory.toString());
      out.print(json.toPrettyString() + "\n");
    } else {
      out.printf(
          Locale.ROOT, "%,d parameters as %s in %s%n", shape.parameters(), modelType, directory);
    }
    out.flush();
  }
}
