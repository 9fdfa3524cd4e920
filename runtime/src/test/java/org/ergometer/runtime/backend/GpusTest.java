package org.ergometer.runtime.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Preflight over management libraries of GPUs that do not exist. */
class GpusTest {

  private static final CudaLibrary LIBRARY =
      new CudaLibrary(
          "nd4j-cuda-11.6",
          MachineCode.of(
              List.of(
                  new ComputeCapability(3, 7),
                  new ComputeCapability(7, 0),
                  new ComputeCapability(8, 6)),
              List.of()),
          List.of());

  private final Path directory;

  GpusTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @ParameterizedTest
  @CsvSource({
    "Tesla V100, 7, 0, cuda: GPU 0 is Tesla V100 0 (sm_70)",
    "NVIDIA RTX 4090, 8, 9, cuda: GPU 0 is NVIDIA RTX 4090 0 (sm_89)",
    "NVIDIA H200, 9, 0, cpu: GPU 0 is NVIDIA H200 0 (sm_90); nd4j-cuda-11.6 holds code for",
    "Quadro 6000, 2, 0, cpu: GPU 0 is Quadro 6000 0 (sm_20); nd4j-cuda-11.6 holds code for"
  })
  void theDriversGpusAreHeldAgainstTheLibrary(String name, int major, int minor, String line)
      throws IOException, InterruptedException {
    Gpus gpus = Gpus.detect(FakeNvml.of(directory, name, major, minor), null);

    assertThat(BackendChoice.of(BackendRequest.AUTO, gpus, LIBRARY).describe())
        .startsWith("backend " + line);
  }

  @Test
  void aDividedGpuAndAnOldDriverAreTold() throws IOException, InterruptedException {
    Gpus divided = Gpus.detect(FakeNvml.of(directory, "NVIDIA A100", 7, 0, "-DALL_MIG"), null);
    assertThat(BackendChoice.of(BackendRequest.AUTO, divided, LIBRARY).describe())
        .isEqualTo(
            "backend cuda: GPU 0 is NVIDIA A100 0 (sm_70), divided by MIG, 20.0 of 24.0 GiB free,"
                + " driver 550.54.15");
    Gpus old = Gpus.detect(FakeNvml.of(directory, "NVIDIA T4", 7, 5, "-DCUDA=10020"), null);
    assertThat(BackendChoice.of(BackendRequest.AUTO, old, LIBRARY).describe())
        .contains("runs CUDA 10", "install a newer driver");
    assertThat(Gpus.detect(FakeNvml.of(directory, "X", 8, 0, "-DBROKEN"), null))
        .isEqualTo(new Gpus.Unknown("NVML does not start: Driver Not Loaded"));
  }

  @Test
  void followsTheListOfVisibleGpus() throws IOException, InterruptedException {
    Path library = FakeNvml.of(directory, "X", 8, 0, "-DGPUS=3");
    assertThat(indices(library, null)).containsExactly(0, 1, 2);
    assertThat(indices(library, "2,0")).containsExactly(2, 0);
    assertThat(indices(library, "1,7,0")).containsExactly(1);
    assertThat(indices(library, "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"))
        .containsExactly(0, 1, 2);
    assertThat(Gpus.detect(library, "-1"))
        .isEqualTo(new Gpus.Unknown("CUDA_VISIBLE_DEVICES=-1 hides every GPU"));
  }

  private static List<Integer> indices(Path library, @Nullable String visible) {
    return ((Gpus.Listed) Gpus.detect(library, visible)).gpus().stream().map(Gpu::index).toList();
  }

  @Test
  void readsWhatALibraryNeeds() throws IOException, InterruptedException {
    LibraryNeeds needs = LibraryNeeds.read(FakeNvml.of(directory, "X", 8, 0));

    assertThat(needs.names()).anyMatch(name -> name.startsWith("libc.so"));
    assertThat(needs.found("libnone.so.9", "/nowhere:" + directory)).isFalse();
    assertThat(needs.found("libnvidia-ml-80.so", "/nowhere:" + directory)).isTrue();
  }
}
