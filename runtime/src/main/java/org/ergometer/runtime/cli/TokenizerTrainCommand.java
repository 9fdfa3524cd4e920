package org.ergometer.runtime.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.models.tokenizer.BytePairTokenizer;
import org.ergometer.models.tokenizer.BytePairTrainer;
import org.ergometer.runtime.checkpoint.BytePairFiles;
import org.ergometer.runtime.config.Quantity;
import org.ergometer.runtime.data.Documents;
import org.ergometer.runtime.data.StandardInput;
import org.ergometer.runtime.data.TextSources;
import org.ergometer.runtime.storage.FileProblem;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a byte-pair vocabulary from text. */
@Command(
    name = "train",
    sortOptions = false,
    description = {
      "Makes a byte-pair vocabulary from text, as vocab.json and merges.txt in a new directory,",
      "for train --tokenizer bpe:DIR."
    },
    footer = {
      "%nExamples:",
      "  ergometer tokenizer train --data book.txt --vocabulary 8192 --out book-8k",
      "  ergometer train --data book.txt --tokenizer bpe:book-8k"
    })
final class TokenizerTrainCommand implements Callable<Integer> {

  private static final String USUAL_VOCABULARY = "8192";
  private static final long NANOS_BETWEEN_LINES = 1_000_000_000L;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Option(
      names = "--data",
      paramLabel = "FILE",
      arity = "1..*",
      description =
          "UTF-8 text: files, directories, globs, - for standard input; plain, gzip or JSONL"
              + " (default: the novel that comes along)")
  private final List<Path> data = new ArrayList<>();

  @Option(
      names = "--data-field",
      paramLabel = "NAME",
      description = "field that holds the text in JSONL (default: text)")
  private @Nullable String field;

  @Option(
      names = "--vocabulary",
      paramLabel = "N",
      description = "tokens, the 256 bytes included (default: " + USUAL_VOCABULARY + ")")
  private @Nullable String vocabulary;

  @Option(names = "--out", paramLabel = "DIR", description = "new directory for the two files")
  private @Nullable Path out;

  @Override
  public Integer call() {
    try {
      return train();
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.FAILED,
          "%s cannot be written (%s); check the path given to --out"
              .formatted(out, FileProblem.of(e)),
          e);
    }
  }

  private int train() throws IOException {
    if (out == null) {
      throw new InvalidInputException("the directory is unknown; set --out");
    }
    if (Files.exists(out)) {
      throw new InvalidInputException(
          "out must be a new directory, got %s, which exists; set --out to another".formatted(out));
    }
    long wanted =
        Quantity.whole("vocabulary", Objects.requireNonNullElse(vocabulary, USUAL_VOCABULARY));
    if (wanted > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          "vocabulary must be below 2^31, got %s; set --vocabulary".formatted(wanted));
    }
    StandardInput input = new StandardInput(null, field != null, System.in);
    TextSources sources = TextSources.find(input.kept(data));
    Documents documents = new Documents(sources, field);
    BytePairTrainer trainer = new BytePairTrainer();
    documents.read(each(trainer::add));
    BytePairTokenizer tokenizer = trainer.train((int) wanted, progress((int) wanted));
    if (Files.exists(out)) {
      BytePairFiles.write(out, tokenizer);
    } else {
      NewDirectory.of("out", out)
          .fill(
              directory -> {
                BytePairFiles.write(directory, tokenizer);
                return directory;
              });
    }
    print(documents, sources.name(), tokenizer, wanted);
    return ExitCode.DONE.status();
  }

  private IntConsumer progress(int wanted) {
    PrintWriter err = spec.commandLine().getErr();
    long[] next = {System.nanoTime() + 2 * NANOS_BETWEEN_LINES};
    return tokens -> {
      if (System.nanoTime() - next[0] >= 0) {
        err.printf(Locale.ROOT, "ergometer: %,d of %,d tokens%n", tokens, wanted);
        err.flush();
        next[0] = System.nanoTime() + NANOS_BETWEEN_LINES;
      }
    };
  }

  private static Documents.Reader each(Consumer<String> part) {
    return new Documents.Reader() {
      @Override
      public void text(String text) {
        part.accept(text);
      }

      @Override
      public void end() {}
    };
  }

  private void print(Documents documents, String name, BytePairTokenizer tokenizer, long wanted)
      throws IOException {
    LongAdder byteCount = new LongAdder();
    LongAdder tokenCount = new LongAdder();
    documents.read(
        each(
            text -> {
              byteCount.add(text.getBytes(UTF_8).length);
              tokenCount.add(tokenizer.encode(text).length);
            }));
    long bytes = byteCount.sum();
    long tokens = tokenCount.sum();
    PrintWriter target = spec.commandLine().getOut();
    if (common.json) {
      ObjectNode json =
          JsonNodeFactory.instance
              .objectNode()
              .put("schema", "ergometer.tokenizer/1")
              .put("vocabulary", tokenizer.vocabularySize())
              .put("bytes", bytes)
              .put("tokens", tokens)
              .put("directory", String.valueOf(out));
      target.print(json.toPrettyString() + "\n");
    } else {
      target.printf(
          Locale.ROOT,
          "%,d tokens in %s; %s is %,d of them, %.2f bytes each%n",
          tokenizer.vocabularySize(),
          out,
          name,
          tokens,
          (double) bytes / tokens);
    }
    target.flush();
    if (tokenizer.vocabularySize() < wanted) {
      spec.commandLine()
          .getErr()
          .printf(
              Locale.ROOT,
              "ergometer: warning: the text holds no more pairs that occur twice; %,d tokens, not"
                  + " %,d%n",
              tokenizer.vocabularySize(),
              wanted);
      spec.commandLine().getErr().flush();
    }
  }
}
