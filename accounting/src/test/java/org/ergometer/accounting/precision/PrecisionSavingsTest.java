package org.ergometer.accounting.precision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Phase;
import org.junit.jupiter.api.Test;

class PrecisionSavingsTest {

  /** [3, 4] · [4, 5] on bfloat16 into float32, both operands cast before. */
  @Test
  void castsAreHeldAgainstSmallerOperands() {
    LedgerSnapshot ledger =
        new LedgerSnapshot(
            List.of(
                entry(Phase.FORWARD, "matmul", OpClass.MATMUL, ElementType.BFLOAT16, 120, 64, 0),
                entry(Phase.FORWARD, "matmul", OpClass.MATMUL, ElementType.FLOAT32, 0, 0, 60),
                entry(Phase.FORWARD, "cast", OpClass.CAST, ElementType.FLOAT32, 0, 128, 0),
                entry(Phase.FORWARD, "cast", OpClass.CAST, ElementType.BFLOAT16, 0, 0, 64)),
            0);
    PrecisionSavings savings = PrecisionSavings.of(ledger);
    // Baseline: (12 + 20) · 4 read, 15 · 4 written. Moved: 64 + 60 + 128 + 64.
    assertThat(savings.movedBytes()).isEqualTo(316);
    assertThat(savings.castBytes()).isEqualTo(192);
    assertThat(savings.savedBytes()).isEqualTo(128 + 60 - 316);
    assertThat(savings.savedByPhase()).isEqualTo(Map.of(Phase.FORWARD, BigInteger.valueOf(-128)));
    assertThat(savings.halfShare()).isEqualTo(1);
  }

  @Test
  void aCopyThatIsUsedThriceSavesInTheEnd() {
    LedgerSnapshot ledger =
        new LedgerSnapshot(
            List.of(
                entry(Phase.FORWARD, "cast", OpClass.CAST, ElementType.FLOAT32, 0, 400, 0),
                entry(Phase.FORWARD, "cast", OpClass.CAST, ElementType.FLOAT16, 0, 0, 200),
                entry(Phase.BACKWARD, "matmul", OpClass.MATMUL, ElementType.FLOAT16, 30, 800, 0),
                entry(Phase.BACKWARD, "matmul", OpClass.MATMUL, ElementType.FLOAT32, 10, 40, 40)),
            0);
    PrecisionSavings savings = PrecisionSavings.of(ledger);
    assertThat(savings.savedByPhase())
        .isEqualTo(
            Map.of(
                Phase.FORWARD, BigInteger.valueOf(-600), Phase.BACKWARD, BigInteger.valueOf(800)));
    assertThat(savings.savedBytes()).isEqualTo(200);
    assertThat(savings.halfShare()).isCloseTo(0.75, within(1e-12));
  }

  @Test
  void float32SavesNothing() {
    LedgerSnapshot ledger =
        new LedgerSnapshot(
            List.of(
                entry(Phase.FORWARD, "matmul", OpClass.MATMUL, ElementType.FLOAT32, 120, 128, 60)),
            0);
    PrecisionSavings savings = PrecisionSavings.of(ledger);
    assertThat(savings.savedBytes()).isZero();
    assertThat(savings.savedByPhase()).isEmpty();
    assertThat(savings.halfShare()).isZero();
  }

  private static LedgerEntry entry(
      Phase phase,
      String op,
      OpClass opClass,
      ElementType type,
      long flops,
      long read,
      long written) {
    return new LedgerEntry(
        "layer",
        phase,
        OpFamily.CUSTOM,
        op,
        opClass,
        type,
        1,
        BigInteger.valueOf(flops),
        BigInteger.valueOf(read),
        BigInteger.valueOf(written));
  }
}
