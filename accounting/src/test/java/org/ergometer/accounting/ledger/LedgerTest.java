package org.ergometer.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.flops.Traffic;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.op.Tensor;
import org.ergometer.accounting.op.TensorSpec;
import org.junit.jupiter.api.Test;

class LedgerTest {

  private static final OpRule MATMUL = rule("matmul", OpClass.MATMUL, 60);
  private static final OpRule ADD = rule("add", OpClass.ELEMENTWISE, 6);
  private static final OpRule CAST = rule("cast", OpClass.CAST, 0);
  private static final OpRule HUGE = rule("huge", OpClass.MATMUL, Long.MAX_VALUE);

  private static final TwoTensors FLOATS =
      new TwoTensors(Tensor.of(ElementType.FLOAT32, 3), Tensor.of(ElementType.FLOAT32, 2));

  private final Ledger ledger = new Ledger();

  @Test
  void theTotalIsTheSumOfItsEntries() {
    ledger.record(Scope.current(), MATMUL, FLOATS);
    ledger.record(Scope.current(), ADD, FLOATS);
    ledger.record(Scope.current(), HUGE, FLOATS);
    ledger.record(Scope.current(), HUGE, FLOATS);

    assertThat(ledger.flops())
        .isEqualTo(BigInteger.valueOf(66).add(BigInteger.valueOf(Long.MAX_VALUE).shiftLeft(1)))
        .isEqualTo(ledger.snapshot().flops());
  }

  @Test
  void anOpIsBookedOnceWithFlopsAndBytes() {
    record(Phase.FORWARD, "head", MATMUL, FLOATS);

    assertThat(ledger.snapshot().entries())
        .containsExactly(
            new LedgerEntry(
                "head",
                Phase.FORWARD,
                OpFamily.CUSTOM,
                "matmul",
                OpClass.MATMUL,
                ElementType.FLOAT32,
                1,
                BigInteger.valueOf(60),
                BigInteger.valueOf(3 * 4),
                BigInteger.valueOf(2 * 4)));
  }

  @Test
  void bytesAreBookedUnderTheTensorsTypeAndFlopsUnderTheComputeType() {
    TwoTensors mixed =
        new TwoTensors(Tensor.of(ElementType.INT64, 3), Tensor.of(ElementType.FLOAT16, 5));
    record(Phase.FORWARD, "embedding", ADD, mixed);

    LedgerSnapshot integers = ledger.snapshot().where(e -> e.type() == ElementType.INT64);
    LedgerSnapshot halves = ledger.snapshot().where(e -> e.type() == ElementType.FLOAT16);
    assertThat(integers.flops()).isZero();
    assertThat(integers.executions()).isZero();
    assertThat(integers.bytesRead()).isEqualTo(3 * 8);
    assertThat(integers.bytesWritten()).isZero();
    assertThat(halves.flops()).isEqualTo(6);
    assertThat(halves.executions()).isEqualTo(1);
    assertThat(halves.bytesWritten()).isEqualTo(5 * 2);
  }

  @Test
  void viewsAddUpToTheSameTotal() {
    record(Phase.FORWARD, "block.0.attention", MATMUL, FLOATS);
    record(Phase.BACKWARD, "block.0.attention", MATMUL, FLOATS);
    record(Phase.BACKWARD, "block.1.attention", ADD, FLOATS);
    record(Phase.UPDATE, "none", ADD, FLOATS);
    record(Phase.UPDATE, "none", CAST, FLOATS);

    LedgerSnapshot snapshot = ledger.snapshot();
    assertThat(snapshot.flops()).isEqualTo(60 + 60 + 6 + 6);
    assertThat(snapshot.matmulFlops()).isEqualTo(120);
    assertThat(snapshot.executions()).isEqualTo(5);
    assertThat(sum(snapshot.flopsBy(LedgerEntry::phase))).isEqualTo(snapshot.flops());
    assertThat(sum(snapshot.flopsBy(LedgerEntry::layer))).isEqualTo(snapshot.flops());
    assertThat(sum(snapshot.flopsBy(LedgerEntry::opClass))).isEqualTo(snapshot.flops());
    assertThat(sum(snapshot.flopsBy(LedgerEntry::type))).isEqualTo(snapshot.flops());
    assertThat(snapshot.flopsBy(LedgerEntry::phase))
        .containsEntry(Phase.BACKWARD, BigInteger.valueOf(66));
  }

  @Test
  void totalsAreExactPastTwoToThe63() {
    for (int execution = 0; execution < 5; execution++) {
      record(Phase.FORWARD, "head", HUGE, FLOATS);
    }
    record(Phase.FORWARD, "head", MATMUL, FLOATS);

    // 5·(2^63 - 1) + 60
    assertThat(ledger.snapshot().flops())
        .isEqualTo(
            BigInteger.TWO
                .pow(63)
                .subtract(BigInteger.ONE)
                .multiply(BigInteger.valueOf(5))
                .add(BigInteger.valueOf(60)));
  }

  @Test
  void unaccountedOpsAndErrorsAreShown() {
    record(Phase.OTHER, "none", rule("svd", OpClass.UNACCOUNTED, 0), FLOATS);
    ledger.recordError();

    assertThat(ledger.snapshot().unaccounted()).isEqualTo(Map.of("svd", 1L));
    assertThat(ledger.snapshot().accountingErrors()).isEqualTo(1);
  }

  @Test
  void aFormulaThatFailsBooksNothing() {
    OpRule failing =
        OpRule.of(
            OpFamily.CUSTOM,
            "failing",
            OpClass.MATMUL,
            op -> Math.multiplyExact(Long.MAX_VALUE, 2L),
            "overflows");

    assertThatThrownBy(() -> record(Phase.FORWARD, "head", failing, FLOATS))
        .isInstanceOf(ArithmeticException.class);
    assertThat(ledger.snapshot().executions()).isZero();
    assertThat(ledger.snapshot().bytesRead()).isZero();
  }

  @Test
  void trafficThatFailsOrIsNegativeBooksNothing() {
    OpRule failing =
        new OpRule(
            OpFamily.CUSTOM,
            "failing",
            OpClass.MATMUL,
            op -> 60,
            new Traffic() {
              @Override
              public long written(OpDescriptor op, int output) {
                return -1;
              }
            },
            "a test's");

    assertThatThrownBy(() -> record(Phase.FORWARD, "head", failing, FLOATS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"failing\" counts -1");
    assertThat(ledger.snapshot().flops()).isZero();
    assertThat(ledger.snapshot().bytesRead()).isZero();
  }

  @Test
  void theDifferenceOfTwoSnapshotsIsWhatHappenedBetween() {
    record(Phase.FORWARD, "head", MATMUL, FLOATS);
    LedgerSnapshot before = ledger.snapshot();
    record(Phase.FORWARD, "head", MATMUL, FLOATS);
    record(Phase.BACKWARD, "head", ADD, FLOATS);
    ledger.recordError();

    LedgerSnapshot between = ledger.snapshot().minus(before);
    assertThat(between.flops()).isEqualTo(66);
    assertThat(between.executions()).isEqualTo(2);
    assertThat(between.bytesRead()).isEqualTo(2 * 12);
    assertThat(between.accountingErrors()).isEqualTo(1);
    assertThat(ledger.snapshot().minus(ledger.snapshot()).entries()).isEmpty();
  }

  @Test
  void snapshotsOfManyThreadsAreConsistentAndNothingIsLost()
      throws InterruptedException, ExecutionException {
    int threads = 4;
    int executions = 20_000;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    CountDownLatch start = new CountDownLatch(1);
    List<Future<?>> workers = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      String layer = "block." + (thread % 2) + ".attention";
      workers.add(
          pool.submit(
              () -> {
                start.await();
                for (int execution = 0; execution < executions; execution++) {
                  record(Phase.FORWARD, layer, MATMUL, FLOATS);
                }
                return null;
              }));
    }
    start.countDown();
    long seen = 0;
    while (!workers.stream().allMatch(Future::isDone)) {
      LedgerSnapshot snapshot = ledger.snapshot();
      long count = snapshot.executions();
      assertThat(count).isGreaterThanOrEqualTo(seen);
      assertThat(snapshot.flops()).isEqualTo(60 * count);
      assertThat(snapshot.bytesRead()).isEqualTo(12 * count);
      assertThat(snapshot.bytesWritten()).isEqualTo(8 * count);
      seen = count;
    }
    for (Future<?> worker : workers) {
      worker.get();
    }
    pool.shutdown();

    assertThat(ledger.snapshot().executions()).isEqualTo((long) threads * executions);
  }

  @Test
  void recordingAKindOfOpSeenBeforeAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    String[] layers = {"embedding", "block.0.attention", "head"};
    int executions = 10_000;
    for (int warmUp = 0; warmUp < 2; warmUp++) {
      recordMany(layers, executions);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    recordMany(layers, executions);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    // 30 000 ops: one allocated object an op would be 480 000 bytes at least
    assertThat(allocated).isLessThan(10_000);
  }

  private void recordMany(String[] layers, int executions) {
    for (int execution = 0; execution < executions; execution++) {
      for (String layer : layers) {
        record(Phase.FORWARD, layer, MATMUL, FLOATS);
      }
    }
  }

  private void record(Phase phase, String layer, OpRule rule, OpDescriptor op) {
    try (Scope scope = Scope.enter(phase, layer)) {
      ledger.record(scope, rule, op);
    }
  }

  private static BigInteger sum(Map<?, BigInteger> parts) {
    return parts.values().stream().reduce(BigInteger.ZERO, BigInteger::add);
  }

  private static OpRule rule(String name, OpClass opClass, long flops) {
    return OpRule.of(OpFamily.CUSTOM, name, opClass, op -> flops, "a test's");
  }

  /** One vector in, one out; extents are kept unboxed, so that reading them allocates nothing. */
  private record TwoTensors(Vector in, Vector out) implements OpDescriptor {

    TwoTensors(Tensor in, Tensor out) {
      this(new Vector(in.elementType(), in.size(0)), new Vector(out.elementType(), out.size(0)));
    }

    @Override
    public OpFamily family() {
      return OpFamily.CUSTOM;
    }

    @Override
    public String name() {
      return "op";
    }

    @Override
    public int inputCount() {
      return 1;
    }

    @Override
    public TensorSpec input(int index) {
      return in;
    }

    @Override
    public int outputCount() {
      return 1;
    }

    @Override
    public TensorSpec output(int index) {
      return out;
    }

    @Override
    public int integerArgumentCount() {
      return 0;
    }

    @Override
    public long integerArgument(int index) {
      throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int realArgumentCount() {
      return 0;
    }

    @Override
    public double realArgument(int index) {
      throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int booleanArgumentCount() {
      return 0;
    }

    @Override
    public boolean booleanArgument(int index) {
      throw new IndexOutOfBoundsException(index);
    }
  }

  private record Vector(ElementType elementType, long extent) implements TensorSpec {

    @Override
    public int rank() {
      return 1;
    }

    @Override
    public long size(int dimension) {
      return extent;
    }
  }
}
