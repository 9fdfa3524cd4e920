package org.ergometer.runtime.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.ergometer.models.tokenizer.BytePairTrainer;
import org.ergometer.models.tokenizer.Gpt2Tokenizer;
import org.ergometer.models.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    assertThat(documents("text", "texts")).containsExactly("first", "second");
    assertThat(documents("text", "texts/b.txt", "texts/a/z.txt"))
        .containsExactly("second", "first");
  }

  @Test
  void globsMatchBelowTheirFixedPart() throws IOException {
    file("one/a.txt", "a");
    file("one/two/b.txt", "b");
    file("one/two/c.md", "c");

    assertThat(documents("text", "one/*.txt")).containsExactly("a");
    assertThat(documents("text", "one/**.txt")).containsExactly("a", "b");
    assertThat(documents("text", "one/*/*.{md,txt}")).containsExactly("b", "c");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents("text", "one/*.csv"))
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
    assertThat(documents("text", "both.txt")).containsExactly("It was the best");

    byte[] whole = Files.readAllBytes(both);
    Files.write(both, Arrays.copyOf(whole, whole.length / 2 - 12));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents("text", "both.txt"))
        .withMessageContaining("both.txt cannot be read (Unexpected end of ZLIB input stream)");
  }

  @Test
  void eachLineOfJsonlIsADocument() throws IOException {
    file(
        "some.jsonl",
        "{\"body\": \"one\\ntwo\", \"id\": 1}\r\n\n{\"body\":\"\"}\n{\"body\":\"thr\u00e9e \\ud83d\\ude00\"}");

    assertThat(documents("body", "some.jsonl"))
        .containsExactly("one\ntwo", "thr\u00e9e \uD83D\uDE00");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents("text", "some.jsonl"))
        .withMessageEndingWith(
            "some.jsonl, line 1: the JSON object must have a text as \"text\", it has the fields"
                + " body, id; set --data-field");
    file("some.jsonl", "{\"text\":\"one\"}\n{\"text\":\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents("text", "some.jsonl"))
        .withMessageContaining("some.jsonl, line 2: no JSON");
  }

  @Test
  void namesTheFirstByteThatIsNotUtf8() throws IOException {
    String before = "\u00e9x ".repeat(100_000); // two bytes, one, one
    Path file = directory.resolve("latin.txt");
    Files.write(file, before.getBytes(UTF_8));
    Files.write(file, "\u00e9 and more".getBytes(ISO_8859_1), StandardOpenOption.APPEND);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents("text", "latin.txt"))
        .withMessage(
            file
                + " is not UTF-8: byte 0xE9 at position 400000;"
                + " convert it, as in iconv -f latin1 -t utf-8");
    Files.write(file, new byte[] {'a', (byte) 0xC3});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents("text", "latin.txt"))
        .withMessageContaining("byte 0xC3 at position 1");
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    file("empty.txt", "");
    Files.createDirectories(directory.resolve("nothing"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents("text", "missing.txt"))
        .withMessage(
            "data file %s does not exist; check the path given to --data",
            directory.resolve("missing.txt"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents("text", "empty.txt"))
        .withMessageEndingWith("empty.txt is empty; give one that holds text");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> documents("text", "nothing"))
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
    read("text", parts, new ArrayList<>(), "long.txt");

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
    read("text", parts, new ArrayList<>(), "dense.txt");

    assertThat(parts).hasSizeGreaterThan(2);
    assertThat(parts).noneMatch(part -> Character.isLowSurrogate(part.charAt(0)));
    assertThat(String.join("", parts).equals(whole)).isTrue();
  }

  private List<String> documents(String field, String... names) throws IOException {
    List<String> documents = new ArrayList<>();
    read(field, new ArrayList<>(), documents, names);
    return documents;
  }

  private void read(String field, List<String> parts, List<String> documents, String... names)
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
