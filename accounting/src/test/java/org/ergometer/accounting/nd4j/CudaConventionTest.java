package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.ergometer.accounting.flops.FlopRegistry;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.nd4j.NativeMethods.Kind;
import org.ergometer.accounting.op.ElementType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.shape.options.ArrayOptionsHelper;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.nd4j.nativeblas.OpaqueContext;
import org.nd4j.nativeblas.OpaqueDataBuffer;

/**
 * The CUDA backend hands each shape over twice, in host and in device memory. Only the host's may
 * be read: here the device's describes another array, which must leave no trace in the counts.
 */
class CudaConventionTest {

  private static final Class<? extends CountingNativeOps> DECORATOR =
      HookClasses.nativeOps("NativeOpsInCudaConvention");

  private static final LongPointer HOST = FakeNativeOps.MATRIX; // float32, 2 x 3

  private static final LongPointer HOST_SQUARE =
      new LongPointer(2, 3, 3, 3, 1, ArrayOptionsHelper.DTYPE_FLOAT_BIT, 1, 'c');

  /** As if on the device: float64, 70 x 90. */
  private static final LongPointer DEVICE =
      new LongPointer(2, 70, 90, 90, 1, ArrayOptionsHelper.DTYPE_DOUBLE_BIT, 1, 'c');

  private final FakeNativeOps fake = new FakeNativeOps();
  private final Recorder recorder = new Recorder();
  private final Ledger ledger = new Ledger();
  private final NativeOps ops = decorate();
  private final OpaqueDataBuffer buffer = new OpaqueDataBuffer(HOST);
  private final PointerPointer<Pointer> streams = new PointerPointer<>(HOST, HOST);

  @Test
  void aNumberedOpHasTheShapesOfTheHost() {
    ops.execPairwiseTransform(
        streams, 0, buffer, HOST, DEVICE, buffer, HOST, DEVICE, buffer, HOST, DEVICE, HOST);

    LedgerEntry entry = only();
    assertThat(entry.type()).isEqualTo(ElementType.FLOAT32);
    assertThat(entry.flops()).isEqualTo(6); // 2 x 3 additions
    assertThat(entry.bytesRead()).isEqualTo(48); // 2 operands x 6 elements x 4 bytes
    assertThat(entry.bytesWritten()).isEqualTo(24);
    assertThat(ledger.snapshot().accountingErrors()).isZero();
  }

  @Test
  void aCustomOpHasTheShapesOfTheHost() {
    OpaqueContext context = ops.createGraphContext(1);
    ops.setGraphContextInputBuffer(context, 0, buffer, HOST, DEVICE);
    ops.setGraphContextInputBuffer(context, 1, buffer, HOST_SQUARE, DEVICE);
    ops.setGraphContextOutputBuffer(context, 0, buffer, HOST, DEVICE);
    ops.execCustomOp2(streams, hashOf("matmul"), context);

    LedgerEntry entry = only();
    assertThat(entry.op()).isEqualTo("matmul");
    assertThat(entry.type()).isEqualTo(ElementType.FLOAT32);
    assertThat(entry.flops()).isEqualTo(36); // 2 x (2 x 3 x 3)
    assertThat(ledger.snapshot().accountingErrors()).isZero();
  }

  static Stream<Arguments> working() {
    Set<Kind> counted = Set.of(Kind.COMPUTE, Kind.COPY);
    return Arrays.stream(NativeOps.class.getMethods())
        .filter(method -> counted.contains(NativeMethods.kinds().get(method.getName())))
        .map(method -> Arguments.argumentSet(method.getName(), method));
  }

  /** Each method that works on data counts the same whatever the device's descriptors say. */
  @ParameterizedTest
  @MethodSource("working")
  void noMethodReadsADescriptorOfTheDevice(Method method) throws ReflectiveOperationException {
    fake.status = method.getName().startsWith("mem") ? 1 : 0;
    Object[] arguments = NativeArguments.of(method);
    method.invoke(ops, arguments);
    List<LedgerEntry> expected = ledger.snapshot().entries();

    Class<?>[] types = method.getParameterTypes();
    for (int i = 0; i + 2 < types.length; i++) {
      if (types[i] == OpaqueDataBuffer.class
          && types[i + 1] == LongPointer.class
          && types[i + 2] == LongPointer.class) {
        arguments[i + 2] = DEVICE;
      }
    }
    Ledger again = new Ledger();
    recorder.attach(
        new Recorder.Sink(again, new RuleTable(FlopRegistry.standard(), allCustomOps())));
    method.invoke(ops, arguments);

    assertThat(again.snapshot().entries()).isEqualTo(expected).isNotEmpty();
    assertThat(again.snapshot().accountingErrors()).isZero();
  }

  /** CUDA's shuffle works in place, and hands over no shapes of results. */
  @Test
  void aShuffleInPlaceWritesWhatItReads() {
    PointerPointer<Pointer> shapes = new PointerPointer<>(HOST, HOST);
    ops.shuffle(
        streams,
        streams,
        shapes,
        streams,
        shapes,
        streams,
        null,
        streams,
        null,
        2,
        new IntPointer(1, 0),
        streams,
        streams);

    assertThat(only().bytesRead()).isEqualTo(48); // 2 matrices x 6 elements x 4 bytes
    assertThat(only().bytesWritten()).isEqualTo(48);
  }

  private LedgerEntry only() {
    assertThat(ledger.snapshot().entries()).hasSize(1);
    return ledger.snapshot().entries().get(0);
  }

  /** Of {@code name:hash:inputs:…;}, as the backend lists its custom ops. */
  private static long hashOf(String name) {
    return Arrays.stream(allCustomOps().split(";", -1))
        .map(op -> op.split(":", -1))
        .filter(op -> op[0].equals(name))
        .mapToLong(op -> Long.parseLong(op[1]))
        .findFirst()
        .orElseThrow();
  }

  private static String allCustomOps() {
    Nd4j.getBackend(); // the holder cannot start ND4J
    return NativeOpsHolder.getInstance().getDeviceNativeOps().getAllCustomOps();
  }

  private NativeOps decorate() {
    try {
      Constructor<? extends CountingNativeOps> constructor =
          DECORATOR.getDeclaredConstructor(NativeOps.class, Recorder.class);
      CountingNativeOps decorator = constructor.newInstance(fake.proxy(), recorder);
      RuleTable rules = new RuleTable(FlopRegistry.standard(), allCustomOps());
      recorder.attach(new Recorder.Sink(ledger, rules));
      return decorator;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no decorator", e);
    }
  }
}
