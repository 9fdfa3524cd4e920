package org.ergometer.runtime.backend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A management library of GPUs that do not exist, compiled from the source of accounting's test.
 */
public final class FakeNvml {

  private static final Path SOURCE =
      Path.of("../accounting/src/test/resources/org/ergometer/accounting/energy/fake-nvml.c");

  private FakeNvml() {}

  /** A library whose GPUs have a name and a compute capability; skips where no C compiler is. */
  public static Path of(Path directory, String name, int major, int minor, String... more)
      throws IOException, InterruptedException {
    Path library = directory.resolve("libnvidia-ml-%s%s.so".formatted(major, minor));
    List<String> words =
        new ArrayList<>(List.of("-shared", "-fPIC", "-O1", "-o", library.toString()));
    words.add("-DNAME=\"%s\"".formatted(name));
    words.addAll(List.of("-DMAJOR=" + major, "-DMINOR=" + minor));
    words.addAll(List.of(more));
    words.addAll(List.of(SOURCE.toString(), "-lm"));
    cc(words.toArray(String[]::new));
    return library;
  }

  /** Runs the C compiler; skips the test where there is none. */
  static void cc(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("cc"));
    command.addAll(List.of(words));
    Process compiler;
    try {
      compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      assumeTrue(false, "no C compiler: " + e.getMessage());
      throw e;
    }
    String messages = new String(compiler.getInputStream().readAllBytes(), UTF_8);
    assertThat(compiler.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(compiler.exitValue()).as(messages).isZero();
  }
}
