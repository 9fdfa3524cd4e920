package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.nd4j.linalg.factory.Nd4j;

/**
 * No bytecode of ND4J or DL4J calls native code past {@code NativeOps} in a way that is not known:
 * neither a native method directly, nor one of JavaCPP's that moves data.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NativeCallScanTest {

  private static final Pattern JARS =
      Pattern.compile("(nd4j|deeplearning4j|javacpp|openblas)-.*\\.jar");

  private final NativeCallScan scan;

  NativeCallScanTest() throws IOException {
    scan = NativeCallScan.of(jarsOnClassPath());
  }

  /** Jars that hold ND4J, DL4J and what they call. */
  static List<File> jarsOnClassPath() {
    return Arrays.stream(
            System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator), -1))
        .map(File::new)
        .filter(file -> JARS.matcher(file.getName()).matches())
        .toList();
  }

  @Test
  void everyWayIntoNativeCodeIsKnownAndEveryKnownWayExists() {
    assertThat(scan.has("org/nd4j/linalg/factory/Nd4j")).isTrue();
    assertThat(scan.has("org/bytedeco/javacpp/Pointer")).isTrue();
    assertThat(scan.has("org/deeplearning4j/nn/multilayer/MultiLayerNetwork")).isTrue();
    Set<String> found =
        scan.calls().stream().map(NativeCallScan.CallSite::readable).collect(Collectors.toSet());
    Set<String> unknown =
        found.stream()
            .filter(call -> NativeCalls.ALL.stream().noneMatch(known -> known.matches(call)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(unknown).isEmpty();
    assertThat(NativeCalls.ALL)
        .allSatisfy(known -> assertThat(found).as(known.toString()).anyMatch(known::matches));
  }

  /** What is said to be counted in CountedBlas is overridden there, routine by routine. */
  @Test
  void everyBlasRoutineThatIsCalledIsOverridden() {
    Set<String> overridden =
        Stream.of(
                Nd4j.factory().level1(),
                Nd4j.factory().level2(),
                Nd4j.factory().level3(),
                Nd4j.factory().lapack())
            .flatMap(blas -> Arrays.stream(blas.getClass().getDeclaredMethods()))
            .map(Method::getName)
            .collect(Collectors.toSet());
    List<String> routines =
        scan.calls().stream()
            .filter(call -> call.target().startsWith("org/bytedeco/openblas/"))
            .map(call -> call.caller().substring(0, call.caller().indexOf('(')))
            .filter(routine -> !routine.matches("[sd]rotg"))
            .toList();
    assertThat(routines).hasSizeGreaterThan(80);
    assertThat(overridden).containsAll(routines);
  }
}
