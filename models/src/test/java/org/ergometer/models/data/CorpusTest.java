package org.ergometer.models.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {

  private final Path directory;

  CorpusTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void carriesAPublicDomainNovel() {
    Corpus corpus = Corpus.standard();

    assertThat(corpus.name()).isEqualTo("dickens.txt");
    // 1 214 979 bytes, of which 3 are the byte order mark; the rest is ASCII
    assertThat(corpus.text()).hasSize(1_214_976);
    assertThat(corpus.text().codePoints().distinct().count()).isEqualTo(77);
  }

  @Test
  void rejectsAnotherTextOfThatName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Corpus.standard("/shakes.txt"))
        .withMessageStartingWith("/shakes.txt on the class path is another text: expected 1214979")
        .withMessageEndingWith("give a text with --data");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Corpus.standard("/nothing.txt"))
        .withMessageStartingWith("no default corpus /nothing.txt on the class path");
  }

  @Test
  void joinsFilesAndStripsByteOrderMarks() throws IOException {
    Path first = file("first.txt", "\uFEFFone ".getBytes(UTF_8));
    Path second = file("second.txt", "\uFEFFtwo".getBytes(UTF_8));

    assertThat(Corpus.read(List.of(first, second)).text()).isEqualTo("one two");
  }

  @Test
  void namesTheFirstByteThatIsNotUtf8() throws IOException {
    Path latin = file("latin.txt", new byte[] {'a', 'b', (byte) 0xE9, 'c'});
    Path cut = file("cut.txt", new byte[] {'a', (byte) 0xC3});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Corpus.read(List.of(latin)))
        .withMessage(
            latin
                + " is not UTF-8: byte 0xE9 at position 2;"
                + " convert it, as in iconv -f latin1 -t utf-8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Corpus.read(List.of(cut)))
        .withMessageContaining("byte 0xC3 at position 1");
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    Path missing = directory.resolve("missing.txt");
    Path empty = file("empty.txt", new byte[0]);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Corpus.read(List.of(missing)))
        .withMessage(
            "data file %s does not exist; check the path given to --data".formatted(missing));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Corpus.read(List.of(empty)))
        .withMessage("data file %s is empty; give one that holds text".formatted(empty));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Corpus.read(List.of(directory)))
        .withMessageContaining("got the directory " + directory);
    assertThatIllegalArgumentException().isThrownBy(() -> Corpus.read(List.of()));
  }

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }
}
