package org.ergometer.runtime.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.runtime.backend.BackendRequest;
import org.ergometer.runtime.checkpoint.ModelFile;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.checkpoint.TokenizerFile;
import org.ergometer.runtime.training.TextSampler;
import org.ergometer.runtime.training.TransformerPredictor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes text with the model of a run. */
@Command(
    name = "generate",
    description = "Writes text with the model of a run.",
    footer = {
      "%nExamples:",
      "  ergometer generate runs/20261123-120000",
      "  ergometer generate runs/20261123-120000 --prompt \"It was \" --tokens 200"
    })
final class GenerateCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Parameters(index = "0", paramLabel = "RUN", description = "directory of the run")
  private Path run = Path.of("");

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "text to continue (default: none)")
  private String prompt = "";

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "400",
      description = "tokens to write (default: ${DEFAULT-VALUE})")
  private int tokens;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "0.8",
      description = "0 always takes the likeliest token (default: ${DEFAULT-VALUE})")
  private double temperature;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1337",
      description = "same seed, same text (default: ${DEFAULT-VALUE})")
  private long seed;

  @Override
  public Integer call() throws IOException {
    NativeDefaults.apply(false);
    NativeBackend.settle(BackendRequest.AUTO, null);
    try {
      RunDirectory directory = RunDirectory.open(run);
      TransformerPredictor model = new TransformerPredictor(ModelFile.read(directory.lastModel()));
      Tokenizer tokenizer = TokenizerFile.read(directory.tokenizer());
      write(new TextSampler(model, tokenizer, model.context()));
    } catch (IllegalArgumentException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    return ExitCode.DONE.status();
  }

  private void write(TextSampler sampler) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      String text = sampler.write(prompt, tokens, temperature, seed, piece -> {});
      out.println(
          new JsonMapper()
              .createObjectNode()
              .put("schema", "ergometer.generate/1")
              .put("prompt", prompt)
              .put("text", text)
              .toPrettyString());
    } else {
      out.print(prompt);
      sampler.write(
          prompt,
          tokens,
          temperature,
          seed,
          piece -> {
            out.print(piece);
            out.flush();
          });
      out.println();
    }
    out.flush();
  }
}
