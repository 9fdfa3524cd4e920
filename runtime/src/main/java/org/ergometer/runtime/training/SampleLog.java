package org.ergometer.runtime.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ergometer.runtime.storage.AtomicFile;

/**
 * The file {@code samples.jsonl}: what the model wrote as it learned, one JSON object a line. Of
 * many texts every second one is dropped, so that a long run keeps a bounded number over all of its
 * course.
 */
public final class SampleLog {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int MOST = 64;

  private final Path file;
  private final List<TextSample> samples;

  /**
   * A log that goes on.
   *
   * @param lastStep samples of later steps go away, since those steps are done again
   */
  public SampleLog(Path file, int lastStep) throws IOException {
    this.file = file;
    this.samples = new ArrayList<>(read(file));
    samples.removeIf(sample -> sample.step() > lastStep);
  }

  /** The samples that a file holds, lines that are damaged left out; none where it is missing. */
  public static List<TextSample> read(Path file) throws IOException {
    List<TextSample> samples = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : new String(Files.readAllBytes(file), UTF_8).lines().toList()) {
        parse(line).ifPresent(samples::add);
      }
    }
    return samples;
  }

  private static Optional<TextSample> parse(String line) {
    try {
      JsonNode sample = MAPPER.readTree(line);
      return Optional.of(new TextSample(sample.path("step").asInt(), sample.path("text").asText()));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Adds the newest sample and brings the file up to date. */
  public void add(TextSample sample) throws IOException {
    samples.add(sample);
    if (samples.size() > MOST) {
      thin();
    }
    StringBuilder lines = new StringBuilder();
    for (TextSample each : samples) {
      lines.append(line(each)).append('\n');
    }
    AtomicFile.write(file, lines.toString());
  }

  /** All that are kept, the oldest first. */
  public List<TextSample> samples() {
    return List.copyOf(samples);
  }

  private void thin() {
    List<TextSample> kept = new ArrayList<>();
    for (int back = samples.size() - 1; back >= 0; back -= 2) {
      kept.add(0, samples.get(back));
    }
    samples.clear();
    samples.addAll(kept);
  }

  private static String line(TextSample sample) {
    try {
      return MAPPER.writeValueAsString(sample);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a number and a text are always JSON", e);
    }
  }
}
