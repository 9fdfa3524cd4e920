package org.ergometer.runtime.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ergometer.models.data.TokenSequence;
import org.ergometer.models.tokenizer.ByteTokenizer;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.models.tokenizer.Gpt2Tokenizer;
import org.ergometer.models.tokenizer.SpecialTokens;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.runtime.config.SplitKind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenCacheTest {

  private static final String TEXT =
      "It was the best of times, it was the worst of times. ".repeat(4);

  private final Path directory;
  private final Path cache;
  private final List<String> said = new ArrayList<>();

  TokenCacheTest(@TempDir Path directory) {
    this.directory = directory;
    this.cache = directory.resolve("cache");
  }

  @Test
  void encodesOnce() throws IOException {
    Path file = Files.writeString(directory.resolve("book.txt"), TEXT);

    TokenizedText first = tokens(SplitKind.TAIL, null, file);
    Path entry = cache.resolve(first.digest());
    FileTime written = Files.getLastModifiedTime(entry.resolve("training.tokens"));
    TokenizedText second = tokens(SplitKind.TAIL, null, file);

    assertThat(first.tokenizer()).isEqualTo(CharacterTokenizer.of(TEXT));
    assertThat(text(first, first.split().training()) + text(first, first.split().validation()))
        .isEqualTo(TEXT);
    assertThat(second.digest()).isEqualTo(first.digest());
    assertThat(second.tokenizer()).isEqualTo(first.tokenizer());
    assertThat(Files.getLastModifiedTime(entry.resolve("training.tokens"))).isEqualTo(written);
    assertThat(cache).isDirectoryNotContaining(path -> !path.equals(entry));
    assertThat(said).isEmpty();
  }

  @Test
  void theSameBytesElsewhereAreTheSameAndOthersAreNot() throws IOException {
    Path file = Files.writeString(directory.resolve("book.txt"), TEXT);
    Path copy = Files.writeString(directory.resolve("copy.txt"), TEXT);
    String digest = tokens(SplitKind.TAIL, null, file).digest();

    assertThat(tokens(SplitKind.TAIL, null, copy).digest()).isEqualTo(digest);
    assertThat(tokens(SplitKind.TAIL, new ByteTokenizer(), file).digest()).isNotEqualTo(digest);
    assertThat(tokens(SplitKind.TAIL, null, file, copy).digest()).isNotEqualTo(digest);
    assertThat(tokens(SplitKind.DOCUMENT, null, file, copy).digest())
        .isNotEqualTo(tokens(SplitKind.TAIL, null, file, copy).digest());
    Files.writeString(file, TEXT + "x");
    assertThat(tokens(SplitKind.TAIL, null, file).digest()).isNotEqualTo(digest);
  }

  @Test
  void documentsAreSeparatedAndEverySecondOfTenIsHeldOut() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 13; i++) {
      lines.append("{\"text\":\"d%02d\"}\n".formatted(i));
    }
    Path file = Files.writeString(directory.resolve("many.jsonl"), lines);

    TokenizedText split = tokens(SplitKind.DOCUMENT, null, file);
    TokenizedText bytes = tokens(SplitKind.TAIL, new ByteTokenizer(), file);

    assertThat(split.documents()).isEqualTo(13);
    assertThat(text(split, split.split().validation())).isEqualTo("d01\0d11");
    assertThat(text(split, split.split().training()))
        .startsWith("d00\0d02\0d03")
        .endsWith("d10\0d12")
        .hasSize(11 * 3 + 10);
    assertThat(split.tokenizer().endOfText()).hasValue(0);
    assertThat(bytes.split().tokens()).isEqualTo(13 * 3 + 12);
  }

  @Test
  void splittingByDocumentNeedsTwo() throws IOException {
    Path file = Files.writeString(directory.resolve("book.txt"), TEXT);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokens(SplitKind.DOCUMENT, null, file))
        .withMessageContaining("and 0 held out")
        .withMessageEndingWith("or set --split tail");
  }

  @ParameterizedTest
  @ValueSource(strings = {"training.tokens", "tokenizer.json", "description.json"})
  void damageIsFoundAndMended(String name) throws IOException {
    Path file = Files.writeString(directory.resolve("book.txt"), TEXT);
    TokenizedText whole = tokens(SplitKind.TAIL, null, file);
    Path damaged = cache.resolve(whole.digest()).resolve(name);
    byte[] bytes = Files.readAllBytes(damaged);
    byte[] flipped = bytes.clone();
    int at = name.endsWith(".tokens") ? bytes.length / 2 : 20;
    flipped[at] ^= 1;
    Files.write(damaged, flipped);

    TokenizedText mended = tokens(SplitKind.TAIL, null, file);

    assertThat(mended.tokenizer()).isEqualTo(whole.tokenizer());
    assertThat(damaged).hasBinaryContent(bytes);
    assertThat(said).singleElement().asString().contains("are damaged", "are made again");
  }

  @Test
  void aDirectoryThatWasAskedForMustBeWritable() throws IOException {
    Path file = Files.writeString(directory.resolve("book.txt"), TEXT);
    Files.writeString(cache, "in the way");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokens(SplitKind.TAIL, null, file))
        .withMessageStartingWith("token cache " + cache + " cannot be written")
        .withMessageEndingWith("choose another with --data-cache");
  }

  @Test
  void changesOfAFileAreTold() throws IOException {
    Path file = Files.writeString(directory.resolve("book.txt"), TEXT);
    TextSources sources = TextSources.find(List.of(file));
    assertThat(sources.changed()).isEmpty();

    Files.writeString(file, "shorter");
    assertThat(sources.changed().orElseThrow())
        .contains("book.txt was written to: it had 212 bytes", "and has 7");
    Files.delete(file);
    assertThat(sources.changed().orElseThrow()).endsWith("book.txt is gone");
  }

  @Test
  void standardInputIsKeptUnderItsDigest() throws IOException {
    ByteArrayInputStream input = new ByteArrayInputStream(TEXT.getBytes(UTF_8));

    List<Path> kept = new StandardInput(cache, false, input).kept(List.of(Path.of("-")));

    assertThat(kept).singleElement().satisfies(file -> assertThat(file).hasContent(TEXT));
    assertThat(kept.get(0).getFileName().toString()).endsWith(".txt").hasSize(64 + 4);
    try (Stream<Path> files = Files.list(cache.resolve("text"))) {
      assertThat(files).containsExactlyElementsOf(kept);
    }
    Path plain = Path.of("book.txt");
    assertThat(new StandardInput(cache, false, input).kept(List.of(plain))).containsExactly(plain);
  }

  @Test
  void specialTokensInATextAreWhatIsAskedFor() throws IOException {
    Path file =
        Files.writeString(
            cache.resolveSibling("stories.txt"), "Once.\n<|endoftext|>\nTwice.\n".repeat(9));
    Tokenizer gpt2 = new Gpt2Tokenizer();
    for (SpecialTokens special : SpecialTokens.values()) {
      Documents documents = new Documents(TextSources.find(List.of(file)), null);
      TokenCache tokens = new TokenCache(cache, said::add);
      if (special == SpecialTokens.REFUSE) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> tokens.tokens(documents, gpt2, special, SplitKind.TAIL, 2))
            .withMessageContaining("the text holds the special token <|endoftext|>");
      } else {
        TokenizedText text = tokens.tokens(documents, gpt2, special, SplitKind.TAIL, 2);
        long expected = special == SpecialTokens.TOKEN ? 9 : 0;
        assertThat(ids(text).filter(id -> id == 50_256).count()).isEqualTo(expected);
      }
    }
    assertThat(said).isEmpty();
    tokens(SplitKind.TAIL, null, file);
    assertThat(said)
        .containsExactly(
            "the text holds <|endoftext|>, which is no token of the vocabulary char and is text like any other; --tokenizer gpt2 has it");
  }

  private static IntStream ids(TokenizedText text) {
    return Stream.of(text.split().training(), text.split().validation())
        .flatMapToInt(
            part -> {
              int[] ids = new int[Math.toIntExact(part.length())];
              part.copy(0, ids, 0, ids.length);
              return Arrays.stream(ids);
            });
  }

  @Test
  void whatIsNotForEverybodyStaysSo() throws IOException {
    assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
    ByteArrayInputStream input = new ByteArrayInputStream(TEXT.getBytes(UTF_8));
    Path text = new StandardInput(cache, false, input).kept(List.of(Path.of("-"))).get(0);
    Path entry = cache.resolve(tokens(SplitKind.DOCUMENT, null, text, text).digest());

    assertThat(rights(cache.resolve("text"))).isEqualTo("rwx------");
    assertThat(rights(text)).isEqualTo("rw-------");
    assertThat(rights(entry)).isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(entry)) {
      assertThat(files)
          .hasSize(4)
          .allSatisfy(file -> assertThat(rights(file)).isEqualTo("rw-------"));
    }
  }

  @Test
  void textsForEverybodyHaveTokensForEverybody() throws IOException {
    Path file = Files.writeString(directory.resolve("book.txt"), TEXT);
    assumeThat(rights(file)).endsWith("r--");

    Path entry = cache.resolve(tokens(SplitKind.TAIL, null, file).digest());

    assertThat(rights(entry)).endsWith("r-x");
    assertThat(rights(entry.resolve("training.tokens"))).endsWith("r--");
  }

  private static String rights(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private TokenizedText tokens(SplitKind split, @Nullable Tokenizer tokenizer, Path... files) {
    Documents documents = new Documents(TextSources.find(List.of(files)), null);
    return new TokenCache(cache, said::add)
        .tokens(documents, tokenizer, SpecialTokens.TOKEN, split, 2);
  }

  private static String text(TokenizedText of, TokenSequence sequence) {
    int[] tokens = new int[Math.toIntExact(sequence.length())];
    sequence.copy(0, tokens, 0, tokens.length);
    return of.tokenizer().decode(tokens);
  }
}
