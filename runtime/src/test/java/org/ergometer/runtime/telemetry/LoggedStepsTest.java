package org.ergometer.runtime.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalDouble;
import org.ergometer.runtime.training.StepLog;
import org.ergometer.runtime.training.TrainingStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggedStepsTest {

  private static final int WATTS = RunHistory.COLUMNS.indexOf("watts");
  private static final int TOKENS = 768;

  private long nanos;
  private double joules;

  @Test
  void aLogTellsWhatTheHistoryOfTheRunHeld(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("log.jsonl");
    RunHistory lived = new RunHistory();
    lived.meter(() -> OptionalDouble.of(joules), () -> nanos);
    try (StepLog log = new StepLog(file, () -> OptionalDouble.of(joules), () -> nanos)) {
      for (int number = 1; number <= 10; number++) {
        nanos += 750_000_000;
        joules += 30;
        Double validationLoss = number == 5 ? (Double) 3.5 : null;
        TrainingStep step =
            new TrainingStep(
                number, 4.5, 0.1, 1.5, true, 0.5, TOKENS, validationLoss, BigInteger.TEN);
        lived.stepDone(step);
        log.stepDone(step);
      }
    }
    Files.writeString(file, "{\"step\":11,\"lo", StandardOpenOption.APPEND); // it was killed

    RunHistory read = new RunHistory();
    LoggedSteps.read(file, TOKENS, read);

    assertThat(read.since(0, 0).rows())
        .hasSize(10)
        .containsExactlyElementsOf(lived.since(0, 0).rows());
    // 30 J in 0.75 s, known when two seconds are over
    assertThat(read.since(0, 0).rows().get(2)[WATTS]).isEqualTo(40);
  }
}
