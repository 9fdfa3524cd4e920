package org.ergometer.runtime.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.predict.TransformerShapeBuilder;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.runtime.backend.BackendRequest;
import org.ergometer.runtime.checkpoint.ImportedModel;
import org.ergometer.runtime.config.ConfigFile;
import org.ergometer.runtime.config.Quantity;
import org.ergometer.runtime.config.TokenizerChoice;
import org.ergometer.runtime.storage.FileProblem;
import org.ergometer.runtime.weights.HuggingFaceModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads a model from Hugging Face's files. */
@Command(
    name = "import",
    sortOptions = false,
    description = {
      "Reads a GPT-2 or Llama model from Hugging Face's files (config.json, model.safetensors and",
      "those of the tokenizer) into a directory that generate, export and train --from take."
    },
    footer = {
      "%nExamples:",
      "  ergometer import gpt2 --run runs/gpt2",
      "  ergometer train --from runs/gpt2 --data book.txt --batch 1 --context 256"
    })
final class ImportCommand implements Callable<Integer> {

  /** Longest context that is taken without being asked for. */
  private static final int USUAL_CONTEXT = 2048;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Parameters(index = "0", paramLabel = "DIR", description = "directory of the files")
  private Path directory = Path.of("");

  @Option(names = "--run", paramLabel = "DIR", description = "new directory for the model")
  private @Nullable Path run;

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "tokens in a window (default: the model's, at most " + USUAL_CONTEXT + ")")
  private @Nullable String context;

  @Option(
      names = "--tokenizer",
      paramLabel = "NAME",
      description = "byte, gpt2, bpe:FILE or file:FILE in place of the one in DIR")
  private @Nullable String tokenizer;

  @Override
  public Integer call() {
    try {
      if (run == null) {
        throw new InvalidInputException("the directory is unknown; set --run");
      }
      NewDirectory target = NewDirectory.of("run", run);
      NativeDefaults.apply(false);
      NativeBackend.settle(BackendRequest.AUTO, null);
      HuggingFaceModel source = HuggingFaceModel.open(directory);
      source.remarks().forEach(this::say);
      TransformerShape shape = shape(source.shape());
      Tokenizer known = tokenizer(source, shape);
      target.fill(
          part -> {
            ImportedModel.write(part, shape, known, ConfigFile.write(shape), source::load);
            return part;
          });
      print(shape, source.modelType(), run);
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.FAILED,
          "%s cannot be made of %s (%s); check both and the room on the disk"
              .formatted(run, directory, FileProblem.withFile(e)),
          e);
    }
    return ExitCode.DONE.status();
  }

  private TransformerShape shape(TransformerShape whole) {
    int wanted = Math.min(whole.context(), USUAL_CONTEXT);
    if (context != null) {
      long tokens = Quantity.whole("context", context);
      if (tokens < 1 || tokens > whole.context()) {
        throw new InvalidInputException(
            "context must be 1 to the model's %s, got %s; set --context"
                .formatted(whole.context(), context));
      }
      wanted = (int) tokens;
    } else if (wanted < whole.context()) {
      say(
          "context %s of the %s that the model may have; set --context for another"
              .formatted(wanted, whole.context()));
    }
    TransformerShapeBuilder shape = whole.toBuilder().context(wanted);
    return whole.positions() == Positions.LEARNED
        ? shape.positionRows(whole.positionRows()).build()
        : shape.build();
  }

  private Tokenizer tokenizer(HuggingFaceModel source, TransformerShape shape) throws IOException {
    Tokenizer made =
        tokenizer == null
            ? source.tokenizer()
            : TrainingData.tokenizer(TokenizerChoice.of(tokenizer));
    if (made == null) {
      throw new InvalidInputException(
          "tokenizer must be known without a text, got char; set --tokenizer to another");
    }
    if (made.vocabularySize() > shape.vocabulary()) {
      throw new InvalidInputException(
          "the tokenizer must have at most the model's %s tokens, got %s; name its own with --tokenizer"
              .formatted(shape.vocabulary(), made.vocabularySize()));
    }
    return made;
  }

  private void print(TransformerShape shape, String modelType, Path made) {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      ObjectNode json =
          JsonNodeFactory.instance
              .objectNode()
              .put("schema", "ergometer.import/1")
              .put("model_type", modelType)
              .put("parameters", shape.parameters())
              .put("directory", made.toString());
      out.print(json.toPrettyString() + "\n");
    } else {
      out.printf(
          Locale.ROOT, "%,d parameters of a %s model in %s%n", shape.parameters(), modelType, made);
    }
    out.flush();
    say("to train it further: ergometer train --from %s --data FILE".formatted(made));
  }

  private void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("ergometer: " + line);
    err.flush();
  }
}
