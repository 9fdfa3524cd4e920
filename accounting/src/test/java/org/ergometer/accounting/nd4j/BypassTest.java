package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Work that ND4J does past its native seam is counted all the same. */
class BypassTest {

  private final INDArray x = Nd4j.rand(DataType.FLOAT, 6);
  private final INDArray y = Nd4j.rand(DataType.DOUBLE, 6);

  @Test
  void levelOneBlas() {
    LedgerSnapshot counted =
        Counted.during(
            () -> {
              Nd4j.getBlasWrapper().dot(x, x);
              Nd4j.getBlasWrapper().nrm2(y);
              Nd4j.getBlasWrapper().asum(x);
              Nd4j.getBlasWrapper().iamax(x);
              Nd4j.getBlasWrapper().level1().axpy(6, 0.5, y, y.dup());
              Nd4j.getBlasWrapper().level1().scal(6, 2.0, y);
              Nd4j.getBlasWrapper().swap(x, x.dup());
            });
    // elements of 4 bytes in float32, 8 in float64
    assertThat(blas(counted, "dot", ElementType.FLOAT32))
        .isEqualTo("1 executions, 48 read, 4 written");
    assertThat(blas(counted, "nrm2", ElementType.FLOAT64))
        .isEqualTo("1 executions, 48 read, 8 written");
    assertThat(blas(counted, "asum", ElementType.FLOAT32))
        .isEqualTo("1 executions, 24 read, 4 written");
    assertThat(blas(counted, "iamax", ElementType.FLOAT32))
        .isEqualTo("1 executions, 24 read, 0 written");
    assertThat(blas(counted, "axpy", ElementType.FLOAT64))
        .isEqualTo("1 executions, 96 read, 48 written");
    assertThat(blas(counted, "scal", ElementType.FLOAT64))
        .isEqualTo("1 executions, 48 read, 48 written");
    assertThat(blas(counted, "swap", ElementType.FLOAT32))
        .isEqualTo("1 executions, 48 read, 48 written");
  }

  @Test
  void lapack() {
    INDArray a = Nd4j.eye(4).castTo(DataType.DOUBLE).dup('f');
    LedgerSnapshot counted = Counted.during(() -> Nd4j.getBlasWrapper().lapack().potrf(a, true));
    assertThat(counted.where(entry -> entry.family() == OpFamily.BLAS).entries())
        .extracting(LedgerEntry::op)
        .contains("potrf");
  }

  @Test
  void copiesThroughTheMemoryManager() {
    LedgerSnapshot counted =
        Counted.during(
            () -> {
              try (MemoryWorkspace workspace =
                  Nd4j.getWorkspaceManager().getAndActivateWorkspace("BypassTest")) {
                assertThat(workspace.getId()).isEqualTo("BypassTest");
                INDArray inside = Nd4j.createUninitialized(DataType.FLOAT, 2, 3);
                inside.assign(1.0f);
                inside.detach();
              }
            });
    LedgerEntry memcpy = entry(counted, "memcpy", ElementType.FLOAT32);
    // 2·3 elements of 4 bytes
    assertThat(memcpy.bytesRead()).isEqualTo(24);
    assertThat(memcpy.bytesWritten()).isEqualTo(24);
    assertThat(memcpy.flops()).isEqualTo(BigInteger.ZERO);
    assertThat(memcpy.opClass()).isEqualTo(OpClass.DATA_MOVEMENT);
    assertThat(memcpy.executions()).isEqualTo(1);
  }

  @Test
  void duplicationByMemcpy() {
    LedgerSnapshot counted = Counted.during(x::unsafeDuplication);
    assertThat(entry(counted, "memcpy", ElementType.FLOAT32).bytesWritten()).isEqualTo(24);
    assertThat(counted.executions()).isEqualTo(1);
  }

  @Test
  void zeroFills() {
    LedgerSnapshot counted =
        Counted.during(
            () -> {
              Nd4j.create(DataType.FLOAT, 5, 2);
              Nd4j.createUninitialized(DataType.FLOAT, 5, 2);
              Nd4j.getMemoryManager().memset(y);
            });
    // 5·2 elements of 4 bytes, 6 of 8 bytes; nothing for the array that is not initialized
    assertThat(entry(counted, "memset", ElementType.FLOAT32).bytesWritten()).isEqualTo(40);
    assertThat(entry(counted, "memset", ElementType.FLOAT64).bytesWritten()).isEqualTo(48);
    assertThat(counted.executions()).isEqualTo(2);
    assertThat(counted.bytesRead()).isEqualTo(0);
  }

  private static String blas(LedgerSnapshot counted, String routine, ElementType type) {
    LedgerEntry entry = entry(counted, routine, type);
    assertThat(entry.family()).isEqualTo(OpFamily.BLAS);
    return "%s executions, %s read, %s written"
        .formatted(entry.executions(), entry.bytesRead(), entry.bytesWritten());
  }

  private static LedgerEntry entry(LedgerSnapshot counted, String op, ElementType type) {
    return counted.entries().stream()
        .filter(entry -> entry.op().equals(op) && entry.type() == type)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + op + " in " + counted.entries()));
  }
}
