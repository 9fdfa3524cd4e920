package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.ledger.Ledger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Losses and parameters are the same to the bit: counted, paused, not counted, hook left out. */
class SameTrainingTest {

  @Test
  void accountingChangesNoBit(@TempDir Path directory) {
    List<String> without =
        Fork.run(TrainingDigest.class, directory, "-D%s=off".formatted(AccountingBackend.PROPERTY));
    assertThat(without).contains("installed;false");
    List<String> expected =
        without.stream()
            .filter(line -> line.startsWith("digest;"))
            .map(line -> line.substring("digest;".length()))
            .toList();
    assertThat(expected).hasSize(3);

    assertThat(TrainingDigest.train()).isEqualTo(expected);
    List<String> counted = new ArrayList<>();
    assertThat(Counted.during(() -> counted.addAll(TrainingDigest.train())).executions())
        .isGreaterThan(1000);
    assertThat(counted).isEqualTo(expected);
    Accounting accounting = Accounting.start(new Ledger());
    accounting.pause();
    assertThat(TrainingDigest.train()).isEqualTo(expected);
    accounting.close();
  }
}
