package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.ergometer.accounting.flops.FlopRegistry;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.nd4j.NativeMethods.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.nativeblas.NativeOps;

/** Every method of ND4J's native seam is understood, handed on, and counted if it works on data. */
class NativeMethodsTest {

  private static final Class<? extends CountingNativeOps> DECORATOR =
      HookClasses.nativeOps("NativeOpsUnderTest");
  private static final Set<Kind> COUNTED = Set.of(Kind.COMPUTE, Kind.COPY);

  private final FakeNativeOps fake = new FakeNativeOps();
  private final Recorder recorder = new Recorder();
  private final Ledger ledger = new Ledger();
  private final NativeOps ops = decorate();

  static Stream<Method> methods() {
    return Arrays.stream(NativeOps.class.getMethods());
  }

  static Stream<Arguments> named() {
    return methods().map(method -> Arguments.argumentSet(method.getName(), method));
  }

  @Test
  void everyMethodIsClassed() {
    Set<String> names = methods().map(Method::getName).collect(Collectors.toSet());
    assertThat(methods()).as("no overloads").hasSameSizeAs(names);
    assertThat(NativeMethods.kinds().keySet()).containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void whatWorksOnDataIsImplementedHereAndNotOnlyHandedOn() {
    Set<String> byHand =
        Stream.of(CountingNativeOps.class, CountingDataOps.class)
            .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
            .map(Method::getName)
            .collect(Collectors.toSet());
    Set<String> byTable =
        Stream.concat(
                NativeMethods.NUMBERED.stream().map(NativeMethods.Numbered::method),
                NativeMethods.PLAIN.stream().map(NativeMethods.Plain::method))
            .collect(Collectors.toSet());
    assertThat(NativeMethods.kinds())
        .allSatisfy(
            (method, kind) -> {
              if (COUNTED.contains(kind)) {
                assertThat(byHand.contains(method) ^ byTable.contains(method)).as(method).isTrue();
              }
            });
  }

  @Test
  void positionsInTheTablePointToNumbersAndShapes() {
    Map<String, Class<?>[]> parameters =
        methods().collect(Collectors.toMap(Method::getName, Method::getParameterTypes));
    for (NativeMethods.Numbered op : NativeMethods.NUMBERED) {
      Class<?>[] types = Objects.requireNonNull(parameters.get(op.method()));
      assertThat(types[NativeMethods.Numbered.NUMBER]).isEqualTo(int.class);
      // a buffer, its shape in host memory, its shape in the device's memory
      for (int position : List.of(op.x(), op.y(), op.z())) {
        if (position != NativeMethods.Numbered.ABSENT) {
          assertThat(types[position - 1].getSimpleName()).isEqualTo("OpaqueDataBuffer");
          assertThat(types[position]).isEqualTo(LongPointer.class);
          assertThat(types[position + 1]).isEqualTo(LongPointer.class);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("named")
  void isHandedOnAsItIsAndCountedOnceIfItWorksOnData(Method method) throws Exception {
    boolean memory = method.getName().startsWith("mem");
    fake.status = memory ? 1 : 0;
    Object[] arguments = NativeArguments.of(method);
    Object result = method.invoke(ops, arguments);

    if (!method.getName().equals("lastErrorCode")) {
      assertThat(fake.calls).hasSize(1);
      assertThat(fake.calls.get(0).method()).isEqualTo(method);
      assertThat(decorated(fake.calls.get(0).arguments().toArray()))
          .containsExactly(decorated(arguments));
    }
    if (method.getReturnType() == int.class) {
      assertThat(result).isEqualTo(fake.status);
    }
    boolean counted = COUNTED.contains(NativeMethods.kinds().get(method.getName()));
    assertThat(ledger.snapshot().executions()).as(method.getName()).isEqualTo(counted ? 1 : 0);
    assertThat(ledger.snapshot().accountingErrors()).isZero();
  }

  @ParameterizedTest
  @MethodSource("named")
  void isNotCountedIfItFailed(Method method) throws Exception {
    boolean memory = method.getName().startsWith("mem");
    boolean unknownOutcome =
        Set.of("executeFlatGraph", "executeStoredGraph").contains(method.getName());
    fake.status = memory ? 0 : 1;
    fake.errorCode = 1;
    method.invoke(ops, NativeArguments.of(method));
    assertThat(ledger.snapshot().executions()).isEqualTo(unknownOutcome ? 1 : 0);
    assertThat(ledger.snapshot().accountingErrors()).isZero();
  }

  private NativeOps decorate() {
    try {
      Constructor<? extends CountingNativeOps> constructor =
          DECORATOR.getDeclaredConstructor(NativeOps.class, Recorder.class);
      CountingNativeOps decorator = constructor.newInstance(fake.proxy(), recorder);
      recorder.attach(new Recorder.Sink(ledger, new RuleTable(FlopRegistry.standard(), "")));
      return decorator;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no decorator", e);
    }
  }

  /** With each context as the decorated seam made it, which may know it by its class. */
  private static Object[] decorated(Object[] arguments) {
    return Arrays.stream(arguments)
        .map(it -> it instanceof Pointer pointer ? ContextState.decorated(pointer) : it)
        .toArray();
  }
}
