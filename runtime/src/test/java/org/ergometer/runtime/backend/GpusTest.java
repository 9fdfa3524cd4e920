package org.ergometer.runtime.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
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

  private static final CudaVariables UNSET = new CudaVariables(null, null);

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
    Gpus gpus = Gpus.detect(FakeNvml.of(directory, name, major, minor), UNSET);

    assertThat(BackendChoice.of(BackendRequest.AUTO, gpus, LIBRARY).describe())
        .startsWith("backend " + line);
  }

  @Test
  void aDividedGpuAndAnOldDriverAreTold() throws IOException, InterruptedException {
    Gpus divided = Gpus.detect(FakeNvml.of(directory, "NVIDIA A100", 7, 0, "-DALL_MIG"), UNSET);
    assertThat(BackendChoice.of(BackendRequest.AUTO, divided, LIBRARY).describe())
        .isEqualTo(
            "backend cuda: GPU 0 is NVIDIA A100 0 (sm_70), divided by MIG, 20.0 of 24.0 GiB free,"
                + " driver 550.54.15");
    Gpus old = Gpus.detect(FakeNvml.of(directory, "NVIDIA T4", 7, 5, "-DCUDA=10020"), UNSET);
    assertThat(BackendChoice.of(BackendRequest.AUTO, old, LIBRARY).describe())
        .contains("runs CUDA 10", "install a newer driver");
    assertThat(Gpus.detect(FakeNvml.of(directory, "X", 8, 0, "-DBROKEN"), UNSET))
        .isEqualTo(new Gpus.Unknown("NVML does not start: Driver Not Loaded"));
  }

  @Test
  void followsTheListOfVisibleGpus() throws IOException, InterruptedException {
    Path library = FakeNvml.of(directory, "X", 8, 0, "-DGPUS=3");
    assertThat(indices(library, null)).containsExactly(0, 1, 2);
    assertThat(indices(library, "2,0")).containsExactly(2, 0);
    assertThat(indices(library, "1,7,0")).containsExactly(1);
    assertThat(Gpus.detect(library, new CudaVariables("-1", null)))
        .isEqualTo(new Gpus.Unknown("CUDA_VISIBLE_DEVICES=-1 hides every GPU"));
  }

  @Test
  void followsNames() throws IOException, InterruptedException {
    Path library = FakeNvml.of(directory, "X", 8, 0, "-DGPUS=3");
    assertThat(indices(library, "GPU-8932f932-d72c-4106-c12f-20bd9faed9f6, GPU-8932f930"))
        .containsExactly(2, 0);
    assertThat(indices(library, "MIG-GPU-8932f931-d72c-4106-c12f-20bd9faed9f6/1/0"))
        .containsExactly(1);
    assertThat(Gpus.detect(library, new CudaVariables("GPU-8932", null)))
        .as("it could be any of them")
        .isEqualTo(new Gpus.Unknown("CUDA_VISIBLE_DEVICES=GPU-8932 hides every GPU"));
    assertThat(Gpus.detect(library, new CudaVariables("MIG-0b1c2d3e", null)))
        .isInstanceOfSatisfying(
            Gpus.Unknown.class,
            unknown -> assertThat(unknown.reason()).contains("does not tell the GPU"));
    Path one = FakeNvml.of(directory, "X", 8, 6);
    assertThat(indices(one, "MIG-0b1c2d3e")).containsExactly(0);
  }

  @Test
  void numbersOfGpusThatDifferNeedTheDriversOrder() throws IOException, InterruptedException {
    Path library =
        FakeNvml.of(directory, "X", 6, 1, "-DGPUS=2", "-DNEXT_MAJOR=9", "-DNEXT_MINOR=0");

    for (String visible : Arrays.asList(null, "0")) {
      assertThat(Gpus.detect(library, new CudaVariables(visible, null)))
          .isInstanceOfSatisfying(
              Gpus.Unknown.class,
              unknown -> assertThat(unknown.reason()).contains("CUDA_DEVICE_ORDER=PCI_BUS_ID"));
    }
    Gpus second = Gpus.detect(library, new CudaVariables("1", "PCI_BUS_ID"));
    assertThat(BackendChoice.of(BackendRequest.AUTO, second, LIBRARY).describe())
        .startsWith("backend cpu: GPU 1 is X 1 (sm_90)");
    Gpus first = Gpus.detect(library, new CudaVariables("GPU-8932f930", null));
    assertThat(BackendChoice.of(BackendRequest.AUTO, first, LIBRARY).describe())
        .startsWith("backend cpu: GPU 0 is X 0 (sm_61)");
  }

  private static List<Integer> indices(Path library, @Nullable String visible) {
    Gpus gpus = Gpus.detect(library, new CudaVariables(visible, "PCI_BUS_ID"));
    return ((Gpus.Listed) gpus).gpus().stream().map(Gpu::index).toList();
  }

  @Test
  void readsWhatALibraryNeeds() throws IOException, InterruptedException {
    LibraryNeeds needs = LibraryNeeds.read(FakeNvml.of(directory, "X", 8, 0));

    assertThat(needs.names()).anyMatch(name -> name.startsWith("libc.so"));
    assertThat(needs.found("libnone.so.9", "/nowhere:" + directory)).isFalse();
    assertThat(needs.found("libnvidia-ml-80.so", "/nowhere:" + directory)).isTrue();
  }
}
