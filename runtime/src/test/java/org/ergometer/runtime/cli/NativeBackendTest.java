package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.ergometer.runtime.backend.BackendChoice;
import org.ergometer.runtime.backend.BackendChoice.Backend;
import org.ergometer.runtime.backend.BackendRequest;
import org.ergometer.runtime.backend.FakeNvml;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeBackendTest {

  private static final BackendChoice GPU =
      new BackendChoice(Backend.CUDA, "GPU 0 is Tesla V100 (sm_70)", 0);

  @Test
  void failsWhereCudaWasAskedForAndTheCpuComputes() {
    assertThatThrownBy(() -> NativeBackend.started(GPU, BackendRequest.CUDA))
        .isInstanceOfSatisfying(
            CommandException.class, failed -> assertThat(failed.code()).isEqualTo(ExitCode.FAILED))
        .hasMessageContaining("GPU 0 is Tesla V100 (sm_70)")
        .hasMessageContaining("CUDA backend does not start")
        .hasMessageContaining("--backend cpu");
  }

  @Test
  void saysThatTheCpuComputesWhereAGpuWasChosenAndDoesNotStart() {
    assertThat(NativeBackend.started(GPU, BackendRequest.AUTO).describe())
        .isEqualTo(
            "backend cpu: GPU 0 is Tesla V100 (sm_70); but ND4J's CUDA backend does not start there");
    BackendChoice cpu = BackendChoice.cpu("asked for");
    assertThat(NativeBackend.started(cpu, BackendRequest.CPU)).isEqualTo(cpu);
  }

  @Test
  void takesTheCpuWhereTheBuildForAGpuIsNotFetched(@TempDir Path directory) throws Exception {
    Path nvml = FakeNvml.of(directory, "Tesla V100", 7, 0);

    BackendChoice choice = NativeBackend.settle(BackendRequest.AUTO, nvml);

    assertThat(choice.backend()).isEqualTo(Backend.CPU);
    assertThat(choice.reason()).contains("Tesla V100", "(sm_70)", "not fetched");
    assertThatThrownBy(() -> NativeBackend.settle(BackendRequest.CUDA, nvml))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--backend cpu");
  }
}
