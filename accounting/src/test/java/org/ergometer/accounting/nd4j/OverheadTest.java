package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ergometer.accounting.op.ElementType.FLOAT32;

import org.ergometer.accounting.flops.FlopRegistry;
import org.ergometer.accounting.ledger.Ledger;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** What counting is said to have cost: never more than the time that passed. */
class OverheadTest {

  private static final int TIMED = 61;

  private final Ledger ledger = new Ledger();
  private final Recorder recorder = new Recorder();

  OverheadTest() {
    Nd4j.getBackend();
    String ops = NativeOpsHolder.getInstance().getDeviceNativeOps().getAllCustomOps();
    recorder.attach(new Recorder.Sink(ledger, new RuleTable(FlopRegistry.standard(), ops)));
  }

  private void book(int count) {
    for (int op = 0; op < count; op++) {
      recorder.op(SeamOp.MEMCPY).input(FLOAT32, 8).output(FLOAT32, 8).book();
    }
  }

  @Test
  void aColdFirstOpStandsForNoOther() {
    book(TIMED - 1);
    assertThat(ledger.overheadSeconds()).isZero();

    book(1);
    assertThat(ledger.overheadSeconds()).isPositive();
  }

  /** A timed op that takes as long as all of them would claim 61 times the time that passed. */
  @Test
  void neverClaimsMoreThanHasPassed() {
    long before = System.nanoTime();
    for (int round = 0; round < 20; round++) {
      book(TIMED - 1);
      OpView slow = recorder.op(SeamOp.MEMCPY).input(FLOAT32, 8).output(FLOAT32, 8);
      pause();
      slow.book();
    }
    assertThat(ledger.overheadSeconds())
        .isPositive()
        .isLessThanOrEqualTo((System.nanoTime() - before) * 1e-9);
  }

  /** An op that is executed while another's formula counts is part of the other's time. */
  @Test
  void aNestedOpIsNotTimedAgain() {
    OpView outer = recorder.op(SeamOp.MEMCPY).input(FLOAT32, 8).output(FLOAT32, 8);
    book(3 * TIMED);
    assertThat(ledger.overheadSeconds()).isZero();
    outer.book();
  }

  private static void pause() {
    long start = System.nanoTime();
    while (System.nanoTime() - start < 2_000_000) {
      Thread.onSpinWait();
    }
  }
}
