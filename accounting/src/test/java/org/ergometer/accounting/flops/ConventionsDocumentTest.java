package org.ergometer.accounting.flops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConventionsDocumentTest {

  private static final Path FILE = Path.of("../docs/flop-conventions.md");

  /** Run with {@code -Dtest.arguments=-Dergometer.write-docs=true} to bring the file up to date. */
  @Test
  void theFileIsWhatTheCodeSays() throws IOException {
    String text = ConventionsDocument.of(FlopRegistry.standard());
    if (Boolean.getBoolean("ergometer.write-docs")) {
      Files.writeString(FILE, text);
    }

    assertThat(FILE).content().isEqualTo(text);
  }
}
