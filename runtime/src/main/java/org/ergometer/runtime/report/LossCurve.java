package org.ergometer.runtime.report;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.ergometer.accounting.input.InvalidInputException;

/** The steps of a run's {@code log.jsonl} as a table, and its losses as a picture. */
public final class LossCurve {

  /** The table's columns; where a step has no such value, the field is empty. */
  private static final List<String> COLUMNS =
      List.of(
          "step",
          "loss",
          "validation_loss",
          "learning_rate",
          "gradient_norm",
          "tokens_per_second",
          "flops",
          "joules");

  /** Points of the training curve; more steps are drawn as means of neighbours. */
  private static final int POINTS = 1000;

  private static final JsonMapper MAPPER = new JsonMapper();

  private final Path log;

  /**
   * The curve of a log.
   *
   * @throws IllegalArgumentException if there is none
   */
  public LossCurve(Path log) {
    if (!Files.exists(log)) {
      throw new InvalidInputException(
          "%s does not exist; name the directory of a run that has begun".formatted(log));
    }
    this.log = log;
  }

  /** Does something with a step's object. */
  private interface Each {
    void step(JsonNode step) throws IOException;
  }

  private void read(Each each) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(log, ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode step;
        try {
          step = MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
          continue; // the last line of a process that was killed, or a damaged one
        }
        each.step(step);
      }
    }
  }

  /** The last step that was logged; 0 if none was. */
  public int steps() throws IOException {
    int[] last = new int[1];
    read(step -> last[0] = Math.max(last[0], step.path("step").asInt()));
    return last[0];
  }

  /** Writes the steps as comma-separated values (RFC 4180 but for line ends), names first. */
  public void csv(Appendable out) throws IOException {
    out.append(String.join(",", COLUMNS)).append('\n');
    read(
        step ->
            out.append(
                    COLUMNS.stream()
                        .map(column -> step.path(column).asText(""))
                        .collect(Collectors.joining(",")))
                .append('\n'));
  }

  /**
   * The losses over the steps, of training and of held-out text.
   *
   * @throws IllegalArgumentException if no step has a loss yet
   */
  public Picture picture(String title) throws IOException {
    List<Double> steps = new ArrayList<>();
    List<Double> losses = new ArrayList<>();
    List<Double> evaluated = new ArrayList<>();
    List<Double> validation = new ArrayList<>();
    read(
        step -> {
          if (step.has("loss")) {
            steps.add(step.path("step").asDouble());
            losses.add(step.path("loss").asDouble());
          }
          if (step.has("validation_loss")) {
            evaluated.add(step.path("step").asDouble());
            validation.add(step.path("validation_loss").asDouble());
          }
        });
    if (steps.isEmpty()) {
      throw new InvalidInputException("%s holds no loss yet; wait for a step".formatted(log));
    }
    Picture picture = new Picture(title, "step", "loss, nats per token");
    int together = (steps.size() + POINTS - 1) / POINTS;
    String training = together == 1 ? "training" : "training, means of %s".formatted(together);
    picture.curve(training, means(steps, together), means(losses, together));
    if (!evaluated.isEmpty()) {
      picture.marked("validation", evaluated, validation);
    }
    return picture;
  }

  private static List<Double> means(List<Double> values, int together) {
    List<Double> means = new ArrayList<>();
    for (int first = 0; first < values.size(); first += together) {
      means.add(
          values.subList(first, Math.min(values.size(), first + together)).stream()
              .mapToDouble(Double::doubleValue)
              .average()
              .orElseThrow());
    }
    return means;
  }
}
