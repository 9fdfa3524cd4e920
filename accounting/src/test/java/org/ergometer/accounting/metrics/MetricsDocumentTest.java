package org.ergometer.accounting.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MetricsDocumentTest {

  private static final Path FILE = Path.of("../docs/metrics.md");

  /** Run with {@code -Dtest.arguments=-Dergometer.write-docs=true} to bring the file up to date. */
  @Test
  void theFileIsWhatTheCodeSays() throws IOException {
    String text = MetricsDocument.text();
    if (Boolean.getBoolean("ergometer.write-docs")) {
      Files.writeString(FILE, text);
    }

    assertThat(FILE).content().isEqualTo(text);
  }
}
