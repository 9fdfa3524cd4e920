package org.ergometer.runtime.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.models.tokenizer.SpecialTokens;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.runtime.backend.BackendRequest;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.checkpoint.SavedModel;
import org.ergometer.runtime.config.DataConfig;
import org.ergometer.runtime.config.Quantity;
import org.ergometer.runtime.report.GenerationReport;
import org.ergometer.runtime.threads.SharedProcessors;
import org.ergometer.runtime.training.Extent;
import org.ergometer.runtime.training.TextSampler;
import org.ergometer.runtime.training.TokenDraw;
import org.ergometer.runtime.training.TransformerReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes text with the model of a run. */
@Command(
    name = "generate",
    sortOptions = false,
    description = "Writes text with the model of a run, and counts the work.",
    footer = {
      "%nExamples:",
      "  ergometer generate runs/20261123-120000",
      "  ergometer generate runs/20261123-120000 --prompt \"It was \" --tokens 200 --top-k 40",
      "  ergometer generate runs/20261123-120000 --prompt - --temperature 0 <beginning.txt",
      "  ergometer generate runs/20261123-120000 --prompt \"Q: Why?\" --stop \"Q:\""
    })
final class GenerateCommand implements Callable<Integer> {

  private static final String STANDARD_INPUT = "-";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Parameters(index = "0", paramLabel = "RUN", description = "directory of the run")
  private Path run = Path.of("");

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      defaultValue = "",
      description =
          "text to continue, - for standard input (default: none; the model begins a text)")
  private String prompt = "";

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "400",
      description = "tokens to write at most (default: ${DEFAULT-VALUE})")
  private String tokens = "";

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description =
          "stop before the model writes this, as well as at the end of a text; may be said again")
  private List<String> stops = List.of();

  @Option(names = "--past-end", description = "go on after the end of a text")
  private boolean pastEnd;

  @Option(
      names = "--special-tokens",
      paramLabel = "NAME",
      defaultValue = "token",
      description =
          "what is made of one in the prompt, such as <|endoftext|>: text, token or refuse"
              + " (default: ${DEFAULT-VALUE})")
  private String specialTokens = "";

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "0.8",
      description = "0 always takes the likeliest token (default: ${DEFAULT-VALUE})")
  private String temperature = "";

  @Option(
      names = "--top-k",
      paramLabel = "N",
      description = "draw from the N likeliest tokens (default: all)")
  private @Nullable String topK;

  @Option(
      names = "--top-p",
      paramLabel = "X",
      defaultValue = "1",
      description =
          "draw from the likeliest tokens whose probabilities reach X together"
              + " (default: ${DEFAULT-VALUE})")
  private String topP = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1337",
      description = "same seed, same text (default: ${DEFAULT-VALUE})")
  private String seed = "";

  @Override
  public Integer call() throws IOException {
    try {
      Extent extent = new Extent(whole("tokens", tokens), stops, pastEnd);
      SpecialTokens special = DataConfig.specialTokens(specialTokens);
      TokenDraw draw =
          new TokenDraw(
              Quantity.real("temperature", temperature),
              topK == null ? null : (Integer) whole("top-k", topK),
              Quantity.real("top-p", topP),
              Quantity.whole("seed", seed));
      String text = prompt.equals(STANDARD_INPUT) ? standardInput() : prompt;
      NativeDefaults.apply(true);
      NativeBackend.started(NativeBackend.settle(BackendRequest.AUTO, null), BackendRequest.AUTO);
      SavedModel saved = SavedModel.read(RunDirectory.open(run));
      write(saved, text, special, extent, draw);
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    return ExitCode.DONE.status();
  }

  private static int whole(String name, String text) {
    long value = Quantity.whole(name, text);
    if (value != (int) value) {
      throw new InvalidInputException(
          "%s must be below 2^31, got %s; set --%s".formatted(name, text, name));
    }
    return (int) value;
  }

  private static String standardInput() throws IOException {
    byte[] bytes = System.in.readAllBytes();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(
          "prompt must be UTF-8, got other bytes on standard input; convert it", e);
    }
  }

  private void write(
      SavedModel saved, String text, SpecialTokens special, Extent extent, TokenDraw draw) {
    PrintWriter visible = spec.commandLine().getOut();
    boolean asItIs = !common.json && !Terminal.showsOutput();
    PrintWriter out = asItIs ? VisibleWriter.raw(visible) : visible;
    Consumer<String> show =
        piece -> {
          out.print(piece);
          out.flush();
        };
    TransformerReader reader = new TransformerReader(saved.model());
    Ledger ledger = new Ledger();
    long start = System.nanoTime();
    TextSampler.Written written;
    try (SharedProcessors processors = SharedProcessors.watch();
        Accounting counting = Accounting.start(ledger)) {
      TextSampler sampler = new TextSampler(reader, saved.tokenizer());
      int[] tokensOfPrompt = sampler.prompt(text, special); // what cannot be encoded is not shown
      if (!common.json) {
        show.accept(text);
      }
      written = sampler.write(tokensOfPrompt, extent, draw, common.json ? piece -> {} : show);
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    GenerationReport report =
        new GenerationReport(
            Transformer.shape(saved.model()),
            written.work(),
            written.tokens(),
            seconds,
            ledger.snapshot());
    if (common.json) {
      out.println(json(text, written, report));
    } else {
      out.println();
    }
    out.flush();
    explain(written, reader.context());
    say(report.text());
    if (written.end() == TextSampler.End.DIVERGED) {
      throw new CommandException(
          ExitCode.FAILED,
          "the model gives logits that are NaN or infinite, so that there is no next token; take a checkpoint from before it diverged",
          null);
    }
  }

  private static String json(String text, TextSampler.Written written, GenerationReport report) {
    ObjectNode json =
        new JsonMapper()
            .createObjectNode()
            .put("schema", "ergometer.generate/1")
            .put("prompt", text)
            .put("text", written.text())
            .put("prompt_tokens", written.promptTokens())
            .put("ended_by", written.end().label())
            .put("context_restarts", written.restarts());
    json.setAll(report.json());
    return json.toPrettyString();
  }

  /** Where the text outgrew the context, the model did not see all of it. */
  private void explain(TextSampler.Written written, int context) {
    if (written.promptTokens() > context) {
      say(
          "the prompt has %s tokens, of which the model saw the last %s, its context"
              .formatted(written.promptTokens(), context));
    }
    if (written.restarts() > 0) {
      say(
          "the context of %s tokens was full %s times; each time the model went on from the last %s"
              .formatted(context, written.restarts(), TextSampler.kept(context)));
    }
  }

  private void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("ergometer: " + line);
    err.flush();
  }
}
