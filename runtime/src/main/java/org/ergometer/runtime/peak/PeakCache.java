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
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.function.Predicate;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.runtime.data.UserCache;
import org.jspecify.annotations.Nullable;

/**
 * The best measurements of peaks in one small file, by hardware and data type, and of memory
 * bandwidths, with their days. It is a convenience: a file that is missing, corrupt or cannot be
 * written is as good as an empty one.
 */
public final class PeakCache {

  private static final String SCHEMA = "ergometer.peaks/1";
  private static final String PEAKS = "peaks";
  private static final String BANDWIDTHS = "memory_bandwidths";
  private static final String FLOPS = "flops_per_second";
  private static final String BYTES = "bytes_per_second";
  private static final String DAY = "measured";
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

  /**
   * What was measured best.
   *
   * @param rate FLOP/s, or bytes per second
   * @param day in UTC; null where the file does not say it
   */
  record Best(double rate, @Nullable LocalDate day) {

    private static @Nullable Best of(JsonNode kept, String key) {
      double rate = kept.path(key).asDouble();
      return rate > 0 && Double.isFinite(rate) ? new Best(rate, day(kept)) : null;
    }

    private static @Nullable LocalDate day(JsonNode kept) {
      try {
        return kept.has(DAY) ? LocalDate.parse(kept.path(DAY).asText()) : null;
      } catch (DateTimeParseException e) {
        return null;
      }
    }
  }

  /** The best bandwidth on this hardware; null if none was measured. */
  @Nullable Best bandwidth(String hardware) {
    return best(BANDWIDTHS, kept -> isOf(kept, hardware), BYTES);
  }

  /** The best peak on this hardware; null if none was measured. */
  @Nullable Best peak(String hardware, MatrixType type) {
    return best(PEAKS, kept -> isOf(kept, hardware, type), FLOPS);
  }

  private @Nullable Best best(String list, Predicate<JsonNode> wanted, String key) {
    Best best = null;
    for (JsonNode kept : kept(list)) {
      Best other = wanted.test(kept) ? Best.of(kept, key) : null;
      best = other == null || (best != null && best.rate >= other.rate) ? best : other;
    }
    return best;
  }

  /**
   * Keeps a measurement, if it is the best and the file can be written. What else the machine had
   * to do makes a measurement lower, never higher.
   *
   * @return the better of it and what is kept
   */
  Best peak(String hardware, MatrixType type, Best measured) {
    return better(
        peak(hardware, type),
        measured,
        PEAKS,
        kept -> isOf(kept, hardware, type),
        entry(hardware, measured).put("dtype", type.label()).put(FLOPS, measured.rate()));
  }

  /** The same for a bandwidth. */
  Best bandwidth(String hardware, Best measured) {
    return better(
        bandwidth(hardware),
        measured,
        BANDWIDTHS,
        kept -> isOf(kept, hardware),
        entry(hardware, measured).put(BYTES, measured.rate()));
  }

  private Best better(
      @Nullable Best kept,
      Best measured,
      String list,
      Predicate<JsonNode> earlier,
      ObjectNode entry) {
    if (kept != null && kept.rate >= measured.rate) {
      return kept;
    }
    replace(list, earlier, entry);
    return measured;
  }

  private static ObjectNode entry(String hardware, Best measured) {
    ObjectNode entry = MAPPER.createObjectNode().put("hardware", hardware);
    return measured.day() == null ? entry : entry.put(DAY, measured.day().toString());
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

  private static boolean isOf(JsonNode kept, String hardware) {
    return kept.path("hardware").asText().equals(hardware);
  }

  private static boolean isOf(JsonNode peak, String hardware, MatrixType type) {
    return isOf(peak, hardware) && peak.path("dtype").asText().equals(type.label());
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
