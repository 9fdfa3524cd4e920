package org.ergometer.runtime.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Where a training run is between two steps, the arrays of its model apart: the file {@code
 * training.json} of a checkpoint. Doubles survive it to the last bit.
 *
 * @param schema name and version of the format
 * @param step steps done
 * @param best the lowest loss on held-out text so far; null before the first evaluation
 * @param scaling of the loss; null where it is not scaled
 * @param recent what spikes are told by; null where they are not looked for
 * @param config the run's whole configuration, in YAML
 */
public record TrainingState(
    String schema,
    int step,
    Totals totals,
    Work work,
    @Nullable Best best,
    Position position,
    LogEnd log,
    @Nullable Scaling scaling,
    @Nullable Recent recent,
    String config) {

  private static final String KIND = "ergometer.checkpoint/";

  public static final String SCHEMA = KIND + 1;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /**
   * What the steps came to.
   *
   * @param skipped steps that updated nothing
   * @param skippedFlops counted FLOPs of those; null in files that do not have it
   * @param tokens tokens that the parameters learned from
   * @param evaluations evaluations of held-out text
   * @param stepSeconds wall-clock time of the steps, added up
   * @param loss of the last step, in nats
   * @param validationLoss of the last evaluation, in nats; null before the first
   */
  public record Totals(
      int skipped,
      @Nullable BigInteger skippedFlops,
      long tokens,
      int evaluations,
      double stepSeconds,
      double loss,
      @Nullable Double validationLoss) {}

  /** A step and its loss on held-out text, in nats. */
  public record Best(int step, double validationLoss) {}

  /**
   * Where everything that is drawn goes on.
   *
   * @param batches state of the sequence of batches
   * @param data digest of the tokens that they are drawn from
   * @param tokenizer digest of what made them
   * @param randomRoot root state of ND4J's generator
   * @param randomNode node state of it
   */
  public record Position(
      long batches, String data, String tokenizer, long randomRoot, long randomNode) {}

  /**
   * Scale of the loss.
   *
   * @param goodSteps steps without an overflow since it changed
   */
  public record Scaling(double scale, int goodSteps) {}

  /** Loss and gradient norm of the last steps, the oldest first. */
  public record Recent(Collection<Double> losses, Collection<Double> gradientNorms) {

    public Recent {
      losses = List.copyOf(losses);
      gradientNorms = List.copyOf(gradientNorms);
    }
  }

  /** Length in bytes and CRC-32C of the log until this step. */
  public record LogEnd(long bytes, long crc32c) {

    /** Of an empty log. */
    public static final LogEnd START = new LogEnd(0, 0);

    /** Whether a log begins as it did then. */
    public boolean isIn(Path log) throws IOException {
      CRC32C checksum = new CRC32C();
      long left = bytes;
      try (InputStream in = Files.newInputStream(log)) {
        byte[] buffer = new byte[1 << 16];
        int read = 0;
        while (left > 0 && read >= 0) {
          read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
          checksum.update(buffer, 0, Math.max(read, 0));
          left -= Math.max(read, 0);
        }
      }
      return left == 0 && checksum.getValue() == crc32c;
    }
  }

  public TrainingState {
    if (!SCHEMA.equals(schema)) {
      throw new InvalidInputException(
          "schema must be %s, got %s; was it written by another version?"
              .formatted(SCHEMA, schema));
    }
  }

  String json() {
    try {
      return MAPPER.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and texts are always JSON", e);
    }
  }

  /** The schema that a file names; empty if it is none of this kind or cannot be read. */
  static Optional<String> schemaOf(Path file) {
    try {
      String schema = MAPPER.readTree(Files.readString(file)).path("schema").asText();
      return schema.startsWith(KIND) ? Optional.of(schema) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** How the log was; empty if the file is damaged or of another version. */
  static Optional<LogEnd> logEndOf(Path file) {
    try {
      return Optional.of(read(file).log());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static TrainingState read(Path file) throws IOException {
    return MAPPER.readValue(Files.readString(file), TrainingState.class);
  }
}
