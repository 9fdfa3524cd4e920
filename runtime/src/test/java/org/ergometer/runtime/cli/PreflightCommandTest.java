package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.ergometer.runtime.backend.FakeNvml;
import org.ergometer.runtime.backend.FatLibrary;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is to be fetched for a GPU, and what is said of one, with stand-ins for driver and CUDA. */
class PreflightCommandTest {

  private final Path directory;
  private Path ampere = Path.of("");
  private Path hopper = Path.of("");

  PreflightCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void compile() throws IOException, InterruptedException {
    ampere = FakeNvml.of(directory, "NVIDIA A100", 8, 0);
    hopper = FakeNvml.of(directory, "NVIDIA H200", 9, 0);
  }

  @Test
  void wantsTheBuildWhereCudaIsAskedForAndThereIsAGpu() throws Exception {
    assertThat(preflight("train", "--backend", "cuda", "--nvml-library", ampere.toString()))
        .isEqualToIgnoringNewLines("cuda");
    Path config = Files.writeString(directory.resolve("my.yaml"), "backend: cuda\n");
    assertThat(
            preflight(
                "train", "--config", config.toString(), "--nvml-library=" + ampere, "--steps=9"))
        .isEqualToIgnoringNewLines("cuda");
  }

  @Test
  void wantsNothingElsewhere() throws Exception {
    String gpu = "--nvml-library=" + ampere;
    assertThat(preflight("train", "--backend=auto", gpu)).isEmpty();
    assertThat(preflight("train", "--backend=cuda", gpu, "--help")).isEmpty();
    assertThat(preflight("train", "--backend=cuda", gpu, "--dry-run")).isEmpty();
    assertThat(preflight("train", "--backend=cuda", gpu, "--stpes=9")).isEmpty();
    assertThat(preflight("plan", "--flops", "1e18")).isEmpty();
    assertThat(preflight("train", "--backend=cuda")).as("no driver").isEmpty();
  }

  @Test
  void wantsCudasLibrariesOnlyForAGpuThatTheBuildRunsOn() throws Exception {
    Path library = FatLibrary.onClassPath(directory.resolve("classes"));
    new FatLibrary().container(FatLibrary.BINARY, 80).compile(library, "libcublas.so.77");

    assertThat(fork("preflight", "train", "--backend=cuda", "--nvml-library=" + ampere))
        .isEqualToIgnoringNewLines("cuda,cuda-redist");
    assertThat(fork("preflight", "train", "--backend=cuda", "--nvml-library=" + hopper)).isEmpty();
    assertThat(fork("train", "--backend=cuda", "--nvml-library=" + ampere))
        .contains("backend cuda cannot be used", "needs libcublas.so.77, not found");
    assertThat(fork("train", "--backend=cuda", "--nvml-library=" + hopper))
        .contains("NVIDIA H200 0 (sm_90); ", " holds code for sm_80 and no PTX; train with");
  }

  @Test
  void aDamagedBuildLeavesTheCpu() throws Exception {
    Path library = FatLibrary.onClassPath(directory.resolve("classes"));
    Files.createDirectories(Objects.requireNonNull(library.getParent()));
    Files.writeString(library, "no library at all".repeat(10));

    String reason = "it is neither an ELF nor a PE library";
    assertThat(fork("train", "--backend=cuda", "--nvml-library=" + ampere))
        .contains("backend cuda cannot be used: ", reason, "--backend cpu")
        .hasLineCount(1);
    assertThat(fork("preflight", "train", "--backend=cuda", "--nvml-library=" + ampere)).isEmpty();
    String small =
        "train --layers=1 --width=16 --heads=2 --context=16 --batch=2 --steps=1 --eval-batches=1";
    List<String> words = new ArrayList<>(List.of(small.split(" ")));
    words.addAll(List.of("--no-metrics", "--run=" + directory.resolve("run")));
    words.add("--nvml-library=" + ampere);
    assertThat(fork(words.toArray(String[]::new)))
        .contains("backend cpu: ", reason, "completed after 1 step");
  }

  private static String preflight(String... words) {
    List<String> all = new ArrayList<>(List.of("preflight"));
    all.addAll(List.of(words));
    CommandLineRun run = CommandLineRun.of(all.toArray(String[]::new));
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    return run.out();
  }

  /** All that a process of its own says, with the stand-in on its class path. */
  private String fork(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String path = directory.resolve("classes") + File.pathSeparator;
    command.addAll(List.of("-cp", path + System.getProperty("java.class.path")));
    command.add("-Dorg.bytedeco.javacpp.cachedir=" + directory.resolve("cache"));
    command.add(Main.class.getName());
    command.addAll(List.of(words));
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    return Files.readString(output);
  }
}
