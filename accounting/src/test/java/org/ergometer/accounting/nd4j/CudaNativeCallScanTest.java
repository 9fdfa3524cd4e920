package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What holds for the CPU backend holds for the CUDA one: its byte code, read from jars that are not
 * on the class path, calls native code past {@code NativeOps} in known ways only.
 */
class CudaNativeCallScanTest {

  /** Where the build copies the jars of ND4J's CUDA backend, without their native libraries. */
  private static final File JARS = new File("target/cuda-jars");

  private final NativeCallScan scan;

  CudaNativeCallScanTest() throws IOException {
    List<File> jars = new ArrayList<>(NativeCallScanTest.jarsOnClassPath());
    File[] copied = JARS.listFiles();
    assertThat(copied).as("jars in " + JARS).isNotNull().isNotEmpty();
    jars.addAll(List.of(copied));
    scan = NativeCallScan.of(jars);
  }

  /** What is said to be counted in CountedBlas is overridden there, routine by routine. */
  @Test
  void everyRoutineOfCublasAndCusolverThatIsCalledIsOverridden(@TempDir Path directory) {
    Set<String> routines =
        scan.calls().stream()
            .filter(call -> call.callerClass().matches(".*/Jcublas(Level[123]|Lapack)"))
            .filter(
                call -> call.target().matches("org/bytedeco/cuda/global/(cublas|cusolver)\\..*"))
            .map(NativeCallScan.CallSite::readable)
            .filter(call -> NativeCalls.CUDA.stream().anyMatch(known -> counts(known, call)))
            .map(call -> call.replaceFirst(" -> .*", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    String more =
        Arrays.stream(Objects.requireNonNull(JARS.listFiles()))
            .map(File::getPath)
            .collect(Collectors.joining(File.pathSeparator));

    assertThat(routines).hasSizeGreaterThan(30);
    assertThat(Fork.runWith(more, CudaHookClasses.class, directory)).containsAll(routines);
  }

  private static boolean counts(NativeCalls.Known known, String call) {
    return known.counted() && known.matches(call);
  }

  @Test
  void everyWayIntoNativeCodeIsKnownAndEveryKnownWayExists() {
    assertThat(scan.has("org/nd4j/linalg/jcublas/JCublasBackend")).isTrue();
    Set<String> found =
        scan.calls().stream()
            .filter(
                call ->
                    call.callerClass().startsWith("org/nd4j/linalg/jcublas/")
                        || call.callerClass().startsWith("org/nd4j/jita/"))
            .map(NativeCallScan.CallSite::readable)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> unknown =
        found.stream()
            .filter(call -> NativeCalls.CUDA.stream().noneMatch(known -> known.matches(call)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(unknown).isEmpty();
    assertThat(NativeCalls.CUDA)
        .allSatisfy(known -> assertThat(found).as(known.toString()).anyMatch(known::matches));
  }
}
