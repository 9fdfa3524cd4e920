package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hook finds in the CUDA backend's classes the same methods as in the CPU's. */
class CudaHookClassesTest {

  @Test
  void everyCountedMethodIsThere(@TempDir Path directory) {
    File[] jars = Objects.requireNonNull(new File("target/cuda-jars").listFiles());
    String more =
        Arrays.stream(jars).map(File::getPath).collect(Collectors.joining(File.pathSeparator));
    assertThat(Fork.runWith(more, CudaHookClasses.class, directory))
        .contains(
            "JCublasNDArrayFactory.createLapack",
            "JCublasNDArrayFactory.createLevel1",
            "JCublasNDArrayFactory.createLevel2",
            "JCublasNDArrayFactory.createLevel3",
            "CudaMemoryManager.allocate",
            "CudaMemoryManager.memcpy",
            "CudaMemoryManager.memset",
            "CudaDataBufferFactory.create",
            "CudaDataBufferFactory.createDouble",
            "CudaDataBufferFactory.createSame");
  }
}
