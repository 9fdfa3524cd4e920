package org.ergometer.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Phase;
import org.junit.jupiter.api.Test;

class LedgerTableTest {

  @Test
  void sumsAreShownByLayerAndPhaseWithBlockTenAfterBlockTwo() {
    LedgerSnapshot snapshot =
        new LedgerSnapshot(
            List.of(
                entry("block.10.attention", Phase.FORWARD, OpClass.MATMUL, 1_000),
                entry("block.2.attention", Phase.BACKWARD, OpClass.MATMUL, 2_000),
                entry("none", Phase.UPDATE, OpClass.UPDATER, 1_000)),
            0);

    assertThat(LedgerTable.byLayerAndPhase(snapshot))
        .isEqualTo(
            """
              layer               forward  backward   update    total     share    bytes  FLOP/B
              block.2.attention         -   2.000 k        -  2.000 k   50.00 %      500    4.00
              block.10.attention  1.000 k         -        -  1.000 k   25.00 %      500    2.00
              none                      -         -  1.000 k  1.000 k   25.00 %      500    2.00
              total               1.000 k   2.000 k  1.000 k  4.000 k  100.00 %  1.500 k    2.67
            """);
  }

  @Test
  void whatWasNotCountedIsSaid() {
    LedgerSnapshot snapshot =
        new LedgerSnapshot(List.of(entry("none", Phase.OTHER, OpClass.UNACCOUNTED, 0)), 3);

    assertThat(LedgerTable.of(snapshot))
        .contains("Ops without a formula: {op=1}")
        .contains("Ops that could not be booked: 3");
  }

  @Test
  void amountsKeepFourDigits() {
    assertThat(LedgerTable.amount(BigInteger.valueOf(999))).isEqualTo("999");
    assertThat(LedgerTable.amount(BigInteger.valueOf(12_582_912))).isEqualTo("12.58 M");
    assertThat(LedgerTable.amount(BigInteger.TEN.pow(20))).isEqualTo("100.0 E");
    assertThat(LedgerTable.amount(BigInteger.valueOf(999_949))).isEqualTo("999.9 k");
    assertThat(LedgerTable.amount(BigInteger.valueOf(999_960))).isEqualTo("1.000 M");
    assertThat(LedgerTable.amount(BigInteger.valueOf(9_999_600))).isEqualTo("10.00 M");
    assertThat(LedgerTable.amount(BigInteger.TEN.pow(30))).isEqualTo("1.000 Q");
    assertThat(LedgerTable.amount(BigInteger.TEN.pow(36))).isEqualTo("1.000e+36");
  }

  private static LedgerEntry entry(String layer, Phase phase, OpClass opClass, long flops) {
    return new LedgerEntry(
        layer,
        phase,
        OpFamily.CUSTOM,
        "op",
        opClass,
        ElementType.FLOAT32,
        1,
        BigInteger.valueOf(flops),
        BigInteger.valueOf(300),
        BigInteger.valueOf(200));
  }
}
