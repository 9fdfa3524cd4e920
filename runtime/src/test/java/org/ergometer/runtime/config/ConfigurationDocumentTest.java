package org.ergometer.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationDocumentTest {

  private static final Path FILE = Path.of("../docs/configuration.md");

  /** Run with {@code -Dtest.arguments=-Dergometer.write-docs=true} to bring the file up to date. */
  @Test
  void theFileIsWhatTheCodeSays() throws IOException {
    String text = ConfigurationDocument.text();
    if (Boolean.getBoolean("ergometer.write-docs")) {
      Files.writeString(FILE, text);
    }

    assertThat(FILE).content().isEqualTo(text);
  }
}
