package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PrecisionDocumentTest {

  @Test
  void theFileHasTheTableThatTheCodeSays() {
    assertThat(Path.of("../docs/mixed-precision.md")).content().contains(PrecisionDocument.table());
  }
}
