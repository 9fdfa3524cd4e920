package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.ergometer.runtime.backend.BackendChoice;
import org.ergometer.runtime.backend.BackendChoice.Backend;
import org.ergometer.runtime.backend.BackendRequest;
import org.ergometer.runtime.backend.FakeNvml;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeBackendTest {

  @Test
  void noticesThatTheCpuComputesWhatWasMeantForAGpu() {
    BackendChoice choice = new BackendChoice(Backend.CUDA, "GPU 0 is Tesla V100 (sm_70)");

    assertThatThrownBy(() -> NativeBackend.requireStarted(choice))
        .isInstanceOfSatisfying(
            CommandException.class, failed -> assertThat(failed.code()).isEqualTo(ExitCode.FAILED))
        .hasMessageContaining("GPU 0 is Tesla V100 (sm_70)")
        .hasMessageContaining("CUDA backend does not start")
        .hasMessageContaining("--backend cpu");
  }

  @Test
  void isContentWithTheCpuWhereTheCpuWasChosen() {
    assertThatCode(() -> NativeBackend.requireStarted(new BackendChoice(Backend.CPU, "asked for")))
        .doesNotThrowAnyException();
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
