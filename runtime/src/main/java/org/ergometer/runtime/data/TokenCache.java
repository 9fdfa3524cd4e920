package org.ergometer.runtime.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.models.data.TokenFile;
import org.ergometer.models.data.TokenSplit;
import org.ergometer.models.tokenizer.SpecialTokens;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.runtime.checkpoint.Sha256;
import org.ergometer.runtime.checkpoint.TokenizerFile;
import org.ergometer.runtime.config.SplitKind;
import org.ergometer.runtime.storage.FileProblem;
import org.ergometer.runtime.storage.PrivateFiles;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the tokens of texts, so that each is encoded once: a directory for each combination of
 * texts, tokenizer and split, named by a digest of the three. A directory of that name is complete:
 * it is written under another and then renamed. Where one of the texts is not for everybody to
 * read, it is not either.
 */
public final class TokenCache {

  private static final String SCHEMA = "ergometer.tokens/1";
  private static final String TRAINING = "training.tokens";
  private static final String HELD_OUT = "held-out.tokens";
  private static final String TOKENIZER = "tokenizer.json";
  private static final String DESCRIPTION = "description.json";
  private static final String PART = ".part";
  private static final Duration ABANDONED = Duration.ofDays(1);
  private static final long NANOS_BETWEEN_LINES = 5_000_000_000L;
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Path root;
  private final boolean asked;
  private final boolean keeps;
  private final Consumer<String> say;

  /**
   * A cache.
   *
   * @param directory null for that of the user
   * @param say is told in a line of what takes long or is not as it should be
   */
  public TokenCache(@Nullable Path directory, Consumer<String> say) {
    this(directory, true, say);
  }

  private TokenCache(@Nullable Path directory, boolean keeps, Consumer<String> say) {
    this.root = root(directory);
    this.asked = directory != null;
    this.keeps = keeps;
    this.say = say;
  }

  /** A cache of which only what is there already is used: other tokens are gone in the end. */
  public static TokenCache readOnly(@Nullable Path directory, Consumer<String> say) {
    return new TokenCache(directory, false, say);
  }

  /** The directory that is given, else the user's: see the XDG base directory specification. */
  static Path root(@Nullable Path directory) {
    return directory == null ? UserCache.directory().resolve("tokens") : directory;
  }

  /**
   * The tokens of some documents, encoded now or before.
   *
   * @param given what encodes them; null for the characters that they hold
   * @param special what is made of a special token in them
   * @param context tokens in a window; each side of the split holds one
   * @throws IllegalArgumentException if a text cannot be read, or holds too little
   */
  public TokenizedText tokens(
      Documents documents,
      @Nullable Tokenizer given,
      SpecialTokens special,
      SplitKind split,
      int context) {
    String key = key(documents, given, special, split);
    Path entry = root.resolve(key);
    if (Files.exists(entry)) {
      try {
        return open(entry, key, split, context);
      } catch (IOException e) {
        say.accept(
            "tokens %s are damaged (%s) and are made again".formatted(entry, FileProblem.of(e)));
        deleteQuietly(entry);
      }
    }
    Tokenizer tokenizer = given == null ? characters(documents) : given;
    if (!keeps) {
      return temporary(key, documents, tokenizer, special, split, context);
    }
    try {
      write(root, key, documents, tokenizer, special, split);
      return open(entry, key, split, context);
    } catch (IOException e) {
      if (asked) {
        throw unwritable(root, e);
      }
      say.accept("%s; the tokens are kept until the end only".formatted(describe(root, e)));
      return temporary(key, documents, tokenizer, special, split, context);
    }
  }

  private static Tokenizer characters(Documents documents) {
    Alphabet alphabet = new Alphabet();
    try {
      documents.read(alphabet);
    } catch (IOException e) {
      throw new IllegalStateException("collecting characters writes nothing", e);
    }
    return alphabet.tokenizer();
  }

  private static String key(
      Documents documents, @Nullable Tokenizer given, SpecialTokens special, SplitKind split) {
    StringBuilder identity = new StringBuilder(SCHEMA);
    identity.append('\n').append(given == null ? "characters" : Sha256.of(given));
    identity.append('\n').append(split);
    if (given != null && !given.added().all().isEmpty() && special != SpecialTokens.TEXT) {
      identity.append("\nspecial ").append(special.label());
    }
    for (TextSource source : documents.sources().all()) {
      identity.append('\n').append(documents.form(source)).append(' ').append(source.digest());
    }
    return Sha256.of(identity.toString().getBytes(UTF_8));
  }

  private TokenizedText temporary(
      String key,
      Documents documents,
      Tokenizer tokenizer,
      SpecialTokens special,
      SplitKind split,
      int context) {
    try {
      Path directory = Files.createTempDirectory("ergometer-tokens");
      try {
        write(directory, key, documents, tokenizer, special, split);
        return open(directory.resolve(key), key, split, context);
      } finally {
        deleteQuietly(directory); // what is mapped stays until the process ends
      }
    } catch (IOException e) {
      throw unwritable(Path.of(System.getProperty("java.io.tmpdir", "")), e);
    }
  }

  private void write(
      Path parent,
      String key,
      Documents documents,
      Tokenizer tokenizer,
      SpecialTokens special,
      SplitKind split)
      throws IOException {
    Files.createDirectories(parent);
    deleteAbandoned(parent);
    Path around = Files.createTempDirectory(parent, key + ".");
    Path part = around.resolve(PART);
    try {
      Files.createDirectory(part);
      long count;
      try (TokenWriter writer =
          new TokenWriter(
              tokenizer,
              special,
              part.resolve(TRAINING),
              split == SplitKind.DOCUMENT ? part.resolve(HELD_OUT) : null,
              progress())) {
        documents.read(writer);
        count = writer.finish();
        if (writer.strayMark()) {
          say.accept(
              "the text holds %s, which is no token of the vocabulary %s and is text like any other; --tokenizer gpt2 has it"
                  .formatted(TokenWriter.MARK, tokenizer.name()));
        }
      }
      documents.sources().changed().ifPresent(TokenCache::refuse);
      TokenizerFile.write(part.resolve(TOKENIZER), tokenizer);
      Files.writeString(part.resolve(DESCRIPTION), description(documents, tokenizer, count));
      if (documents.sources().all().stream().anyMatch(TextSource::isPrivate)) {
        PrivateFiles.restrict(part);
      }
      move(part, parent.resolve(key));
    } finally {
      deleteQuietly(around);
    }
  }

  private static void refuse(String change) {
    throw new InvalidInputException(
        change + ", while it was read; start again when nobody writes to it");
  }

  /** Another process may have made the same at the same time; then its work stays. */
  private static void move(Path part, Path entry) throws IOException {
    try {
      Files.move(part, entry, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.exists(entry)) {
        throw e;
      }
    }
  }

  private static String description(Documents documents, Tokenizer tokenizer, long count) {
    ObjectNode root =
        MAPPER
            .createObjectNode()
            .put("schema", SCHEMA)
            .put("source", documents.sources().name())
            .put("documents", count)
            .put("tokenizer_sha256", Sha256.of(tokenizer));
    return root.toPrettyString() + "\n";
  }

  private TokenWriter.Progress progress() {
    long[] next = {System.nanoTime() + NANOS_BETWEEN_LINES};
    return characters -> {
      long now = System.nanoTime();
      if (now - next[0] >= 0) {
        next[0] = now + NANOS_BETWEEN_LINES;
        say.accept(
            String.format(
                Locale.ROOT, "encoding text, %,d million characters", characters / 1_000_000));
      }
    };
  }

  private static TokenizedText open(Path entry, String key, SplitKind split, int context)
      throws IOException {
    JsonNode description = MAPPER.readTree(Files.readString(entry.resolve(DESCRIPTION)));
    if (!description.path("schema").asText().equals(SCHEMA)) {
      throw new IOException("%s is not as it was written".formatted(entry.resolve(DESCRIPTION)));
    }
    Tokenizer tokenizer;
    try {
      tokenizer = TokenizerFile.read(entry.resolve(TOKENIZER));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    if (!Sha256.of(tokenizer).equals(description.path("tokenizer_sha256").asText())) {
      throw new IOException("%s is not as it was written".formatted(entry.resolve(TOKENIZER)));
    }
    TokenFile training = TokenFile.open(entry.resolve(TRAINING));
    TokenSplit parts =
        split == SplitKind.TAIL
            ? TokenSplit.tail(training, context)
            : TokenSplit.ofDocuments(training, TokenFile.open(entry.resolve(HELD_OUT)), context);
    return new TokenizedText(tokenizer, parts, key, description.path("documents").asLong());
  }

  /** What processes began that were killed. */
  private static void deleteAbandoned(Path parent) throws IOException {
    Instant limit = Instant.now().minus(ABANDONED);
    List<Path> begun;
    try (Stream<Path> entries = Files.list(parent)) {
      begun = entries.filter(entry -> Files.isDirectory(entry.resolve(PART))).toList();
    }
    for (Path directory : begun) {
      if (Files.getLastModifiedTime(directory).toInstant().isBefore(limit)) {
        deleteQuietly(directory);
      }
    }
  }

  /** What cannot be deleted only takes room. */
  private static void deleteQuietly(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      return;
    }
  }

  private static IllegalArgumentException unwritable(Path directory, IOException cause) {
    return new InvalidInputException(
        describe(directory, cause) + "; choose another with --data-cache", cause);
  }

  private static String describe(Path directory, IOException cause) {
    return "token cache %s cannot be written (%s)".formatted(directory, FileProblem.of(cause));
  }
}
