package org.ergometer.runtime.peak;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.runtime.data.UserCache;
import org.jspecify.annotations.Nullable;

/**
 * Measured peaks in one small file, by hardware and data type, and memory bandwidths. It is a
 * convenience: a file that is missing, corrupt or cannot be written is as good as an empty one.
 */
public final class PeakCache {

  private static final String SCHEMA = "ergometer.peaks/1";
  private static final String PEAKS = "peaks";
  private static final String BANDWIDTHS = "memory_bandwidths";
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Path file;

  public PeakCache(Path file) {
    this.file = file;
  }

  /**
   * The cache of a user: {@code ergometer/peaks.json} under {@code XDG_CACHE_HOME}, or under {@code
   * .cache} at home.
   */
  public static PeakCache ofUser() {
    return new PeakCache(UserCache.directory().resolve("peaks.json"));
  }

  /** Bytes per second that were measured on this hardware; empty if they were not. */
  OptionalDouble findBandwidth(String hardware) {
    for (JsonNode bandwidth : kept(BANDWIDTHS)) {
      double rate = bandwidth.path("bytes_per_second").asDouble();
      if (bandwidth.path("hardware").asText().equals(hardware)
          && rate > 0
          && Double.isFinite(rate)) {
        return OptionalDouble.of(rate);
      }
    }
    return OptionalDouble.empty();
  }

  /** FLOP/s that were measured on this hardware; empty if they were not. */
  OptionalDouble find(String hardware, MatrixType type) {
    for (JsonNode peak : kept(PEAKS)) {
      double rate = peak.path("flops_per_second").asDouble();
      if (isOf(peak, hardware, type) && rate > 0 && Double.isFinite(rate)) {
        return OptionalDouble.of(rate);
      }
    }
    return OptionalDouble.empty();
  }

  /** Keeps a measurement in place of an earlier one, if the file can be written. */
  void put(String hardware, MatrixType type, double flopsPerSecond) {
    replace(
        PEAKS,
        peak -> isOf(peak, hardware, type),
        MAPPER
            .createObjectNode()
            .put("hardware", hardware)
            .put("dtype", type.label())
            .put("flops_per_second", flopsPerSecond));
  }

  /** The same for a bandwidth. */
  void putBandwidth(String hardware, double bytesPerSecond) {
    replace(
        BANDWIDTHS,
        bandwidth -> bandwidth.path("hardware").asText().equals(hardware),
        MAPPER
            .createObjectNode()
            .put("hardware", hardware)
            .put("bytes_per_second", bytesPerSecond));
  }

  private void replace(String list, Predicate<JsonNode> earlier, ObjectNode measured) {
    ObjectNode root = MAPPER.createObjectNode().put("schema", SCHEMA);
    for (String name : List.of(PEAKS, BANDWIDTHS)) {
      ArrayNode array = root.putArray(name);
      for (JsonNode kept : kept(name)) {
        if (!name.equals(list) || !earlier.test(kept)) {
          array.add(kept);
        }
      }
      if (name.equals(list)) {
        array.add(measured);
      }
    }
    write(root.toPrettyString() + "\n");
  }

  private Iterable<JsonNode> kept(String list) {
    JsonNode root = read();
    return root != null && root.path("schema").asText().equals(SCHEMA)
        ? root.path(list)
        : MAPPER.createArrayNode();
  }

  private @Nullable JsonNode read() {
    try {
      return MAPPER.readTree(Files.readString(file));
    } catch (IOException e) {
      return null;
    }
  }

  private static boolean isOf(JsonNode peak, String hardware, MatrixType type) {
    return peak.path("hardware").asText().equals(hardware)
        && peak.path("dtype").asText().equals(type.label());
  }

  /** Another process may write at the same time; each replaces the whole file at once. */
  private void write(String text) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Path beside = Files.createTempFile(file.toAbsolutePath().getParent(), "peaks", ".part");
      try {
        Files.write(beside, text.getBytes(UTF_8));
        Files.move(
            beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(beside);
      }
    } catch (IOException | UnsupportedOperationException e) {
      // A home that is read-only, full or shared in odd ways: the peak is measured again next time.
      return;
    }
  }
}
