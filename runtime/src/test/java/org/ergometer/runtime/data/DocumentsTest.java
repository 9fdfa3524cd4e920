package org.ergometer.runtime.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.ergometer.models.tokenizer.BytePairTrainer;
import org.ergometer.models.tokenizer.Gpt2Tokenizer;
import org.ergometer.models.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DocumentsTest {

  private final Path directory;

  DocumentsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void aFileIsADocumentAndDirectoriesAreOrdered() throws IOException {
    file("texts/b.txt", "\uFEFFsecond");
    file("texts/a/z.txt", "first");
    file("texts/.hidden", "never");
    file("texts/.git/x", "never");
    file("texts/empty.txt", "");

    assertThat(documents(null, "texts")).containsExactly("first", "second");
    assertThat(documents(null, "texts/b.txt", "texts/a/z.txt")).containsExactly("second", "first");
  }

  @Test
  void globsMatchBelowTheirFixedPart() throws IOException {
    file("one/a.txt", "a");
    file("one/two/b.txt", "b");
    file("one/two/c.md", "c");

    assertThat(documents(null, "one/*.txt")).containsExactly("a");
    assertThat(documents(null, "one/**.txt")).containsExactly("a", "b");
    assertThat(documents(null, "one/*/*.{md,txt}")).containsExactly("b", "c");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents(null, "one/*.csv"))
        .withMessageContaining("no file matches")
        .withMessageEndingWith("one/*.csv; check the path given to --data");
  }

  @Test
  void gzipIsReadWhateverItsNameAndMembers() throws IOException {
    Path both = directory.resolve("both.txt");
    try (OutputStream out = Files.newOutputStream(both)) {
      for (String text : List.of("It was ", "the best")) {
        GZIPOutputStream gzip = new GZIPOutputStream(out);
        gzip.write(text.getBytes(UTF_8));
        gzip.finish();
      }
    }
    assertThat(documents(null, "both.txt")).containsExactly("It was the best");

    byte[] whole = Files.readAllBytes(both);
    Files.write(both, Arrays.copyOf(whole, whole.length / 2 - 12));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents(null, "both.txt"))
        .withMessageContaining("both.txt cannot be read (its gzip is damaged or cut off)");
  }

  @Test
  void eachLineOfJsonlIsADocument() throws IOException {
    file(
        "some.jsonl",
        "{\"body\": \"one\\ntwo\", \"id\": 1}\r\n\n{\"body\":\"\"}\n{\"body\":\"thr\u00e9e \\ud83d\\ude00\"}");

    assertThat(documents("body", "some.jsonl"))
        .containsExactly("one\ntwo", "thr\u00e9e \uD83D\uDE00");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents(null, "some.jsonl"))
        .withMessageEndingWith(
            "some.jsonl, line 1: \"text\" must be a text, got an object with the fields body, id;"
                + " set --data-field");
    file("some.jsonl", "{\"text\":\"one\"}\n{\"text\":\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents(null, "some.jsonl"))
        .withMessageContaining("some.jsonl, line 2: no JSON");
  }

  /** As it is where files were joined whose last lines have no end. */
  @Test
  void everyObjectOfALineIsRead() throws IOException {
    file(
        "joined.jsonl",
        "{\"text\":\"one\"}{\"text\":\"two\"} {\"text\":\"three\"}\n{\"text\":\"four\"}\n");
    assertThat(documents(null, "joined.jsonl")).containsExactly("one", "two", "three", "four");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"text":null}              | "text" must be a text, got null; take the line out
          {"text":3}                 | "text" must be a text, got 3; take the line out
          {"text":["a"]}             | "text" must be a text, got more than one value; take the line out
          {}                         | "text" must be a text, got an object without fields; set --data-field
          ["a"]                      | "text" must be a text, got a line that is no JSON object; set --data-field
          {"text":"a","text":"b"}    | no JSON object with each name once, at column 19; each line must be one
          {"text":"a"} and more      | no JSON object with each name once, at column 14; each line must be one
          {"text":"a               | no JSON object with each name once, at column 11; each line must be one
          """)
  void aLineThatIsNoObjectWithATextIsToldByItsNumber(String line, String reason)
      throws IOException {
    file("some.jsonl", "{\"text\":\"fine\"}\n" + line + "\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents(null, "some.jsonl"))
        .withMessage(directory.resolve("some.jsonl") + ", line 2: " + reason);
  }

  @Test
  void jsonIsKnownByItsFirstSignWhereItsNameOrTheFieldSaysSo() throws IOException {
    file("lines.json", "\n {\"text\":\"one\"}\n{\"text\":\"two\"}\n");
    file("lines.txt", "{\"body\":\"one\"}\n");
    file("words.json", "words");
    file("array.json", "[{\"text\":\"one\"}]");
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(directory.resolve("lines.json.gz")))) {
      out.write("{\"text\":\"three\"}".getBytes(UTF_8));
    }

    assertThat(documents(null, "lines.json", "lines.json.gz"))
        .containsExactly("one", "two", "three");
    assertThat(documents("body", "lines.txt")).containsExactly("one");
    assertThat(documents(null, "words.json")).containsExactly("words");
    assertThat(documents(null, "lines.txt")).containsExactly("{\"body\":\"one\"}\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents("body", "words.json"))
        .withMessageContaining("data-field body is for JSON objects, and none is in")
        .withMessageEndingWith("words.json; leave --data-field out");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents(null, "array.json"))
        .withMessageEndingWith("convert it: jq -c '.[]' FILE > FILE.jsonl");
  }

  @Test
  void halfACharacterBecomesAReplacement() throws IOException {
    file("half.jsonl", "{\"text\":\"a \\ud83d\"}\n{\"text\":\"\\ude00\\ud83d\\ude00\\ud83d!\"}\n");
    assertThat(documents(null, "half.jsonl"))
        .containsExactly("a \uFFFD", "\uFFFD\uD83D\uDE00\uFFFD!");
  }

  private static Stream<Arguments> formats() {
    String text = "It was the best of times, it was the worst of times. ".repeat(20);
    return Stream.of(
        arguments("UTF-16", "iconv -f UTF-16 -t UTF-8", text.getBytes(UTF_16)),
        arguments("UTF-16", "iconv -f UTF-16LE -t UTF-8", text.getBytes(UTF_16LE)),
        arguments("UTF-16", "iconv -f UTF-16BE -t UTF-8", text.getBytes(UTF_16BE)),
        arguments(
            "UTF-32", "iconv -f UTF-32", ("\uFEFF" + text).getBytes(Charset.forName("UTF-32LE"))),
        arguments("Zstandard", "zstd -dc", begin(0x28, 0xB5, 0x2F, 0xFD)),
        arguments("xz", "xz -dc", begin(0xFD, '7', 'z', 'X', 'Z', 0)),
        arguments("bzip2", "bzip2 -dc", begin('B', 'Z', 'h', '9', '1', 'A', 'Y', '&', 'S', 'Y')),
        arguments("zip", "unzip -p", begin('P', 'K', 3, 4)),
        arguments("7z", "7z x -so", begin('7', 'z', 0xBC, 0xAF, 0x27, 0x1C)),
        arguments("lz4", "lz4 -dc", begin(4, 0x22, 0x4D, 0x18)),
        arguments("Parquet", "read_parquet", begin('P', 'A', 'R', '1')),
        arguments("Arrow", "read_feather", begin('A', 'R', 'R', 'O', 'W', '1')),
        arguments("PDF", "pdftotext", begin('%', 'P', 'D', 'F', '-')),
        arguments("no text", "give one that holds text", new byte[4096]));
  }

  private static byte[] begin(int... bytes) {
    byte[] all = new byte[600];
    Arrays.fill(all, (byte) 0x81);
    for (int index = 0; index < bytes.length; index++) {
      all[index] = (byte) bytes[index];
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void otherFormatsAreNamedByWhatTheyBeginWith(String name, String remedy, byte[] bytes)
      throws IOException {
    Path file = Files.write(directory.resolve("it's.txt"), bytes);
    Path packed = directory.resolve("packed.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(bytes);
    }
    for (Path each : List.of(file, packed)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> documents(null, each.getFileName().toString()))
          .withMessageStartingWith("data file %s is %s", each, name)
          .withMessageContaining(remedy);
    }
  }

  @Test
  void textThatBeginsLikeAnotherFormatIsText() throws IOException {
    file("like.txt", "BZh, PK and 7z are letters, and so is \0");
    assertThat(documents(null, "like.txt")).hasSize(1);
  }

  @Test
  void aDirectoryWithWildcardsInItsNameIsNoWildcard() throws IOException {
    file("a[1]/b{2}/x.txt", "x");
    assertThat(documents(null, "a[1]/b{2}/*.txt")).containsExactly("x");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents(null, "a[1/*.txt"))
        .withMessageContaining("its brackets do not match");
  }

  @Test
  void namesTheFirstByteThatIsNotUtf8() throws IOException {
    String before = "\u00e9x ".repeat(100_000); // two bytes, one, one
    Path file = directory.resolve("latin.txt");
    Files.write(file, before.getBytes(UTF_8));
    Files.write(file, "\u00e9 and more".getBytes(ISO_8859_1), StandardOpenOption.APPEND);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents(null, "latin.txt"))
        .withMessage(
            file
                + " is not UTF-8: byte 0xE9 at position 400000;"
                + " convert it, as in iconv -f latin1 -t utf-8");
    Files.write(file, new byte[] {'a', (byte) 0xC3});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents(null, "latin.txt"))
        .withMessageContaining("byte 0xC3 at position 1");
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    file("empty.txt", "");
    Files.createDirectories(directory.resolve("nothing"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents(null, "missing.txt"))
        .withMessage(
            "data file %s does not exist; check the path given to --data",
            directory.resolve("missing.txt"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents(null, "empty.txt"))
        .withMessageEndingWith("empty.txt is empty; give one that holds text");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents(null, "nothing"))
        .withMessageEndingWith("holds no files; check the path given to --data");
  }

  @Test
  void partsOfALongTextHaveTheTokensOfTheWhole() throws IOException {
    Random random = new Random(9);
    String[] words = {
      "the",
      " ",
      "  ",
      "\n",
      "\t\n",
      "don't",
      "\u00e9t\u00e9",
      "42",
      "\uD83D\uDE00",
      "...",
      "\u2003"
    };
    StringBuilder text = new StringBuilder();
    while (text.length() < 2_500_000) {
      text.append(words[random.nextInt(words.length)]);
    }
    String whole = text.toString();
    file("long.txt", whole);
    BytePairTrainer trainer = new BytePairTrainer();
    trainer.add(whole.substring(0, 20_000));

    List<String> parts = new ArrayList<>();
    read(null, parts, new ArrayList<>(), "long.txt");

    assertThat(parts).hasSize(3);
    assertThat(String.join("", parts)).isEqualTo(whole);
    for (Tokenizer tokenizer : List.of(new Gpt2Tokenizer(), trainer.train(300, count -> {}))) {
      int[] tokens =
          parts.stream().flatMapToInt(part -> Arrays.stream(tokenizer.encode(part))).toArray();
      assertThat(Arrays.equals(tokens, tokenizer.encode(whole))).as(tokenizer.name()).isTrue();
    }
  }

  @Test
  void aTextWithoutWhiteSpaceIsCutBetweenCharacters() throws IOException {
    String whole = "x" + "\uD83D\uDE00".repeat(1_200_000);
    file("dense.txt", whole);

    List<String> parts = new ArrayList<>();
    read(null, parts, new ArrayList<>(), "dense.txt");

    assertThat(parts).hasSizeGreaterThan(2);
    assertThat(parts).noneMatch(part -> Character.isLowSurrogate(part.charAt(0)));
    assertThat(String.join("", parts).equals(whole)).isTrue();
  }

  private List<String> documents(@Nullable String field, String... names) throws IOException {
    List<String> documents = new ArrayList<>();
    read(field, new ArrayList<>(), documents, names);
    return documents;
  }

  private void read(
      @Nullable String field, List<String> parts, List<String> documents, String... names)
      throws IOException {
    List<Path> given = Arrays.stream(names).map(directory::resolve).toList();
    StringBuilder document = new StringBuilder();
    new Documents(TextSources.find(given), field)
        .read(
            new Documents.Reader() {
              @Override
              public void text(String part) {
                parts.add(part);
                document.append(part);
              }

              @Override
              public void end() {
                documents.add(document.toString());
                document.setLength(0);
              }
            });
  }

  private void file(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
