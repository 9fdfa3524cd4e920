package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run is evaluated on does not follow from how it is trained. */
class HeldOutTest {

  private static final String TEXT = "It was the best of times, it was the worst of times. ";

  @TempDir private Path directory = Path.of("");
  private Path data = Path.of("");

  @BeforeEach
  void write() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int line = 0; line < 200; line++) {
      text.append(line).append(' ').append(TEXT);
    }
    data = Files.writeString(directory.resolve("text.txt"), text);
  }

  /** A step so small that the model is the one that was drawn. */
  @Test
  void lossesOfOtherBatchesCompare() throws IOException {
    JsonNode one = train("--batch 1");
    JsonNode five = train("--batch 5");
    JsonNode accumulated = train("--batch 3 --accumulate 2");

    assertThat(five.path("validation_loss")).isEqualTo(one.path("validation_loss"));
    assertThat(accumulated.path("validation_loss")).isEqualTo(one.path("validation_loss"));
    assertThat(evaluation(five)).isEqualTo(evaluation(one)).isPositive();
    assertThat(evaluation(accumulated)).isEqualTo(evaluation(one));
  }

  private static long evaluation(JsonNode summary) {
    return summary.path("flops").path("by_phase").path("evaluation").asLong();
  }

  private JsonNode train(String options) throws IOException {
    CommandLineRun run =
        CommandLineRun.of(
            ("train --json --no-metrics --no-energy --peak 1e12 --layers 1 --width 16 --heads 2"
                    + " --context 16 --steps 1 --warmup 0 --learning-rate 1e-30 --weight-decay 0"
                    + " --eval-batches 1 --data %s --run %s %s")
                .formatted(data, directory.resolve(options.replace(' ', '_')), options)
                .split(" "));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new JsonMapper().readTree(run.out());
  }
}
