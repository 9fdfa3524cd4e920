package org.ergometer.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class CorpusTest {

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
}
