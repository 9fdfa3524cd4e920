package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of every command: a result that cannot be written is no success. */
class StandardOutputTest {

  /** Fails as soon as anything reaches it. */
  private static final class Failing extends OutputStream {
    private final String reason;

    Failing(String reason) {
      this.reason = reason;
    }

    @Override
    public void write(int value) throws IOException {
      throw new IOException(reason);
    }
  }

  private final ByteArrayOutputStream error = new ByteArrayOutputStream();

  private int run(String reason, String command) {
    PrintStream out =
        new PrintStream(new StandardOutput(new Failing(reason)), false, StandardCharsets.UTF_8);
    return Main.run(
        out, new PrintStream(error, true, StandardCharsets.UTF_8), command.split(" ", -1));
  }

  @ParameterizedTest
  @CsvSource({
    "plan --flops 1e18",
    "plan --flops 1e18 --json",
    "predict --steps 10 --preset gpt2-124m",
    "predict --steps 10 --preset gpt2-124m --json",
    "footprint --device-hours 10 --watts 300 --json",
    "utilization --preset gpt2-124m --tokens-per-second 1000 --peak 1e14",
    "--help",
    "train --help"
  })
  void aFullDiskIsAFailureAndAClosedPipeAQuietEnd(String command) {
    assertThat(run("No space left on device", command)).isEqualTo(1);
    assertThat(error.toString(StandardCharsets.UTF_8))
        .endsWith(
            "ergometer: standard output cannot be written (No space left on device); make room, or let it go elsewhere\n");
    error.reset();

    assertThat(run("Broken pipe", command)).isEqualTo(1);
    assertThat(error.toString(StandardCharsets.UTF_8))
        .doesNotContain("standard output", "Exception");
  }
}
