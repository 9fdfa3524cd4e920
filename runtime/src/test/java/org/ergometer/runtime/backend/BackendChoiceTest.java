package org.ergometer.runtime.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.URL;
import java.util.Arrays;
import java.util.List;
import org.ergometer.runtime.backend.BackendChoice.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackendChoiceTest {

  private static final Gpus NO_DRIVER = new Gpus.Unknown("no NVIDIA driver on this machine");
  private static final Gpus HOPPER = gpu("NVIDIA H200", 9, 0);
  private static final Gpus AMPERE = gpu("NVIDIA GeForce RTX 3090", 8, 6);
  private static final Gpus NONE = new Gpus.Listed(List.of(), "550.54.15", 12);

  /** The architectures of nd4j-cuda-11.6, as its library holds them. */
  private static final CudaLibrary LIBRARY =
      new CudaLibrary(
          "nd4j-cuda-11.6",
          MachineCode.of(capabilities(37, 50, 60, 70, 80, 86), List.of()),
          List.of());

  @ParameterizedTest
  @CsvSource({
    "37, true",
    "50, true",
    "52, true",
    "61, true",
    "70, true",
    "75, true",
    "86, true",
    "89, true",
    "90, false",
    "100, false",
    "120, false",
    "35, false"
  })
  void machineCodeRunsOnItsOwnGenerationFromItsRevisionOn(int number, boolean runs) {
    assertThat(LIBRARY.code().runsOn(ComputeCapability.ofNumber(number))).isEqualTo(runs);
  }

  @Test
  void intermediateCodeRunsOnWhatIsNewer() {
    MachineCode code = MachineCode.of(List.of(), capabilities(80));
    assertThat(code.runsOn(ComputeCapability.ofNumber(75))).isFalse();
    assertThat(code.runsOn(ComputeCapability.ofNumber(90))).isTrue();
    assertThat(code.describe()).isEqualTo("no machine code and PTX of sm_80");
  }

  @Test
  void takesAGpuThatHasCode() {
    BackendChoice choice = BackendChoice.of(BackendRequest.AUTO, AMPERE, LIBRARY);
    assertThat(choice.backend()).isEqualTo(Backend.CUDA);
    assertThat(choice.describe())
        .isEqualTo(
            "backend cuda: GPU 0 is NVIDIA GeForce RTX 3090 (sm_86), 20.0 of 24.0 GiB free,"
                + " driver 550.54.15");
    assertThat(BackendChoice.of(BackendRequest.CUDA, AMPERE, LIBRARY)).isEqualTo(choice);
  }

  @Test
  void trainsOnTheCpuWhereTheGpuHasNoCode() {
    assertThat(BackendChoice.of(BackendRequest.AUTO, HOPPER, LIBRARY).describe())
        .isEqualTo(
            "backend cpu: GPU 0 is NVIDIA H200 (sm_90); nd4j-cuda-11.6 holds code for"
                + " sm_37..sm_86 and no PTX");
  }

  @Test
  void saysWhyWhatWasAskedForCannotBe() {
    assertThatThrownBy(() -> BackendChoice.of(BackendRequest.CUDA, HOPPER, LIBRARY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "backend cuda cannot be used: GPU 0 is NVIDIA H200 (sm_90); nd4j-cuda-11.6 holds code"
                + " for sm_37..sm_86 and no PTX; train with --backend cpu");
    assertThatThrownBy(() -> BackendChoice.of(BackendRequest.CUDA, NO_DRIVER, null))
        .hasMessage(
            "backend cuda cannot be used: no NVIDIA driver on this machine; train with"
                + " --backend cpu");
  }

  @Test
  void automaticallyTakesTheCpuWithoutDriverGpuOrLibrary() {
    assertThat(BackendChoice.of(BackendRequest.AUTO, NO_DRIVER, null).describe())
        .isEqualTo("backend cpu: no NVIDIA driver on this machine");
    assertThat(BackendChoice.of(BackendRequest.AUTO, NONE, LIBRARY).describe())
        .isEqualTo("backend cpu: the NVIDIA driver sees no GPU");
    assertThat(BackendChoice.of(BackendRequest.AUTO, AMPERE, null).describe())
        .isEqualTo(
            "backend cpu: GPU 0 is NVIDIA GeForce RTX 3090 (sm_86), and ND4J's CUDA build is not"
                + " fetched yet (--backend cuda does)");
  }

  @Test
  void needsADriverThatRunsTheLibrarysCuda() {
    Gpus old = new Gpus.Listed(((Gpus.Listed) AMPERE).gpus(), "440.33.01", 10);
    assertThat(BackendChoice.of(BackendRequest.AUTO, old, LIBRARY).describe())
        .isEqualTo(
            "backend cpu: GPU 0 is NVIDIA GeForce RTX 3090 (sm_86); driver 440.33.01 runs CUDA 10,"
                + " and nd4j-cuda-11.6 needs one that runs CUDA 11: install a newer driver");
    Gpus silent = new Gpus.Listed(((Gpus.Listed) AMPERE).gpus(), "440.33.01", null);
    assertThat(BackendChoice.of(BackendRequest.AUTO, silent, LIBRARY).backend())
        .isEqualTo(Backend.CUDA);
  }

  @Test
  void needsCudasOwnLibraries() {
    CudaLibrary alone =
        new CudaLibrary(
            LIBRARY.artifact(), LIBRARY.code(), List.of("libcublas.so.11", "libcusolver.so.11"));
    assertThatThrownBy(() -> BackendChoice.of(BackendRequest.CUDA, AMPERE, alone))
        .hasMessage(
            "backend cuda cannot be used: GPU 0 is NVIDIA GeForce RTX 3090 (sm_86); nd4j-cuda-11.6"
                + " needs libcublas.so.11 and libcusolver.so.11, not found (--backend cuda fetches"
                + " CUDA's own libraries); train with --backend cpu");
  }

  @Test
  void needsTheDriversOwnLibrary() {
    CudaLibrary blind =
        new CudaLibrary(LIBRARY.artifact(), LIBRARY.code(), List.of(CudaLibrary.DRIVER));
    assertThat(BackendChoice.of(BackendRequest.AUTO, AMPERE, blind).describe())
        .contains("libcuda.so.1 of its driver is not found", "NVIDIA_DRIVER_CAPABILITIES");
  }

  @Test
  void theCpuCanAlwaysBeAskedFor() {
    assertThat(BackendChoice.of(BackendRequest.CPU, AMPERE, LIBRARY).backend())
        .isEqualTo(Backend.CPU);
    assertThat(BackendRequest.of("cpu")).isEqualTo(BackendRequest.CPU);
    assertThatThrownBy(() -> BackendRequest.of("gpu"))
        .hasMessage("backend must be auto, cpu or cuda, got \"gpu\"; set --backend");
  }

  @Test
  void anArtifactIsNamedByItsJar() throws Exception {
    URL url =
        URI.create(
                "jar:file:/m2/nd4j-cuda-11.6-1.0.0-M2.1-linux-x86_64.jar!/org/nd4j/libnd4jcuda.so")
            .toURL();
    assertThat(CudaLibrary.artifact(url)).isEqualTo("nd4j-cuda-11.6");
  }

  private static Gpus gpu(String name, int major, int minor) {
    return new Gpus.Listed(
        List.of(
            new Gpu(0, name, new ComputeCapability(major, minor), false, 24L << 30, 20L << 30, 55)),
        "550.54.15",
        12);
  }

  private static List<ComputeCapability> capabilities(int... numbers) {
    return Arrays.stream(numbers).mapToObj(ComputeCapability::ofNumber).toList();
  }
}
