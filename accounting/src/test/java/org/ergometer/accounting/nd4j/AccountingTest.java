package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class AccountingTest {

  private final INDArray a = Nd4j.ones(DataType.FLOAT, 3, 5);
  private final INDArray b = Nd4j.ones(DataType.FLOAT, 5, 7);

  @Test
  void isInstalledByBeingOnTheClassPath() {
    assertThat(Accounting.installed()).isTrue();
  }

  @Test
  void countsAnOpWithItsShapes() {
    LedgerSnapshot counted = Counted.during(() -> Nd4j.matmul(a, b));
    assertThat(counted.accountingErrors()).isZero();
    // 3·7 results of 5 multiplies and 5 adds each
    assertThat(counted.matmulFlops()).isEqualTo(2 * 3 * 5 * 7);
    assertThat(counted.entries()).extracting(LedgerEntry::op).contains("matmul");
  }

  /** The inner one does not end the outer one. */
  @Test
  void uncountedWorkMayHoldUncountedWork() {
    Ledger ledger = new Ledger();
    try (Accounting accounting = Accounting.start(ledger)) {
      Accounting.uncounted(
          () -> {
            Accounting.uncounted(() -> a.mul(2));
            return a.mul(2);
          });
      assertThat(ledger.snapshot().executions()).isZero();
      a.mul(2);
      assertThat(ledger.snapshot().executions()).isPositive();
    }
  }

  @Test
  void pausesAndResumes() {
    Ledger ledger = new Ledger();
    Accounting accounting = Accounting.start(ledger);
    try {
      a.mul(2);
      long counted = ledger.snapshot().executions();
      assertThat(counted).isPositive();
      accounting.pause();
      a.mul(2);
      assertThat(ledger.snapshot().executions()).isEqualTo(counted);
      accounting.resume();
      a.mul(2);
      assertThat(ledger.snapshot().executions()).isEqualTo(2 * counted);
    } finally {
      accounting.close();
    }
    long counted = ledger.snapshot().executions();
    a.mul(2);
    assertThat(ledger.snapshot().executions()).isEqualTo(counted);
    assertThatThrownBy(accounting::resume)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this accounting is closed; start another");
  }

  @Test
  void tellsAWatcherOfWhatIsCountedAndOfNothingElse() {
    Ledger ledger = new Ledger();
    List<String> seen = new ArrayList<>();
    try (Accounting accounting = Accounting.start(ledger)) {
      accounting.watch((scope, rule, op) -> seen.add(rule.name()));
      a.mul(2);
      assertThat(seen).contains("Multiply").hasSize((int) ledger.snapshot().executions());
      accounting.pause();
      a.mul(2);
      assertThat(seen).hasSize((int) ledger.snapshot().executions());
      accounting.watch(null);
      accounting.resume();
      int before = seen.size();
      a.mul(2);
      assertThat(seen).hasSize(before);
    }
  }

  @Test
  void thereIsOneAccountingAtATime() {
    Counted.during(
        () ->
            assertThatThrownBy(() -> Accounting.start(new Ledger()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                    "an accounting is open already and there is one native seam; close it"
                        + " first"));
  }

  @Test
  void saysWhyItCannotCount(@TempDir Path directory) {
    assertThat(Fork.run(NotInstalled.class, directory, "-Dergometer.accounting=off"))
        .contains(
            "told;the accounting hook is switched off by -Dergometer.accounting=off; start the JVM"
                + " without it");
    assertThat(
            Fork.run(
                NotInstalled.class,
                directory,
                "-Dnative.ops=org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu"))
        .contains(
            "told;the accounting hook is not installed: ND4J's backend is"
                + " org.ergometer.accounting.nd4j.AccountingBackend and its native.ops is"
                + " org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu; put ergometer-accounting on the"
                + " class path before ND4J starts, and set neither -Dnative.ops nor -Dbackends");
  }
}
