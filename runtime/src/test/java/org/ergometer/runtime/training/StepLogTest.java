package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepLogTest {

  private final Path file;
  private long nanos;
  private OptionalDouble joules = OptionalDouble.empty();

  StepLogTest(@TempDir Path directory) {
    this.file = directory.resolve("log.jsonl");
  }

  @Test
  void writesOneObjectAStep() throws IOException {
    try (StepLog log = new StepLog(file, () -> joules, () -> nanos)) {
      nanos += 500_000_000;
      log.stepDone(new TrainingStep(1, 4.25, 0.001, 1.5, true, 0.5, 768, null, null));
      nanos += 750_000_000;
      log.stepDone(
          new TrainingStep(2, Double.NaN, 0.001, 1.5, true, 0.5, 768, 4.5, BigInteger.TWO.pow(70)));
    }

    // 768 tokens in half a second, then an evaluation of a quarter; 2^70 as an exact integer; what
    // is no number has no key
    assertThat(Files.readAllLines(file))
        .containsExactly(
            "{\"step\":1,\"loss\":4.25,\"learning_rate\":0.001,\"gradient_norm\":1.5,"
                + "\"tokens_per_second\":1536.0,\"seconds\":0.5}",
            "{\"step\":2,\"learning_rate\":0.001,\"gradient_norm\":1.5,"
                + "\"tokens_per_second\":1536.0,\"validation_loss\":4.5,"
                + "\"flops\":1180591620717411303424,\"seconds\":0.75}");
  }

  @Test
  void writesWholeLinesAboutOnceASecond() throws IOException {
    TrainingStep step = new TrainingStep(1, 1, 1, 1, true, 1, 1, null, null);
    try (StepLog log = new StepLog(file, () -> joules, () -> nanos)) {
      log.stepDone(step);
      nanos = 999_999_999L;
      log.stepDone(step);
      assertThat(file).isEmptyFile();

      nanos = 1_000_000_000L;
      log.stepDone(step);
      assertThat(Files.readAllLines(file)).hasSize(3);

      log.stepDone(step);
      assertThat(Files.readAllLines(file)).hasSize(3);
    }
    assertThat(Files.readAllLines(file)).hasSize(4);
  }

  @Test
  void saysWhatWasDrawnSinceTheLineBeforeWhereThereIsANewSample() throws IOException {
    TrainingStep step = new TrainingStep(1, 1, 1, 1, true, 1, 1, null, null);
    try (StepLog log = new StepLog(file, () -> joules, () -> nanos)) {
      log.stepDone(step);
      joules = OptionalDouble.of(1.5);
      log.stepDone(step);
      log.stepDone(step);
      joules = OptionalDouble.of(4);
      log.stepDone(step);
    }

    assertThat(Files.readAllLines(file))
        .satisfiesExactly(
            unknown -> assertThat(unknown).doesNotContain("joules"),
            first -> assertThat(first).endsWith("\"joules\":1.5}"),
            none -> assertThat(none).doesNotContain("joules"),
            second -> assertThat(second).endsWith("\"joules\":2.5}"));
  }
}
