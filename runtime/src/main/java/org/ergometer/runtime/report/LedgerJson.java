package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.utilization.Roofline;
import org.jspecify.annotations.Nullable;

/**
 * A ledger's totals as the {@code flops} object of a summary: sums for those who look one up, and
 * every entry under {@code ops}, from which {@link #read} restores the snapshot exactly.
 */
final class LedgerJson {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private LedgerJson() {}

  /**
   * The object of a snapshot.
   *
   * @param roofline of the machine; null if it is unknown
   */
  static ObjectNode write(LedgerSnapshot snapshot, @Nullable Roofline roofline) {
    ObjectNode flops = NODES.objectNode();
    ExactJson.put(flops, "total", snapshot.flops());
    ExactJson.put(flops, "matmul", snapshot.matmulFlops());
    ExactJson.putAll(flops, "by_phase", phases(snapshot));
    ExactJson.putAll(flops, "by_dtype", snapshot.flopsBy(entry -> entry.type().label()));
    ExactJson.putAll(flops, "by_op_class", snapshot.flopsBy(entry -> entry.opClass().label()));
    flops.set("by_layer", layers(snapshot, roofline));
    flops.set("op_classes", opClasses(snapshot, roofline));
    ExactJson.put(flops, "bytes_read", snapshot.bytesRead());
    ExactJson.put(flops, "bytes_written", snapshot.bytesWritten());
    ExactJson.put(flops, "footprint_bytes", snapshot.footprint());
    flops.put(
        "unaccounted_ops",
        snapshot.unaccounted().values().stream().mapToLong(Long::longValue).sum());
    flops.put("accounting_errors", snapshot.accountingErrors());
    ArrayNode ops = flops.putArray("ops");
    snapshot.entries().forEach(entry -> ops.add(op(entry)));
    return flops;
  }

  /** The snapshot that {@link #write} was given. */
  static LedgerSnapshot read(JsonNode flops) {
    List<LedgerEntry> entries = new ArrayList<>();
    for (JsonNode op : flops.path("ops")) {
      entries.add(
          new LedgerEntry(
              op.path("layer").asText(),
              named(Phase.values(), Phase::label, op.path("phase")),
              named(OpFamily.values(), OpFamily::label, op.path("family")),
              op.path("op").asText(),
              named(OpClass.values(), OpClass::label, op.path("op_class")),
              named(ElementType.values(), ElementType::label, op.path("dtype")),
              op.path("executions").asLong(),
              ExactJson.read(op.path("flops")),
              ExactJson.read(op.path("bytes_read")),
              ExactJson.read(op.path("bytes_written")),
              ExactJson.read(op.path("footprint_bytes"))));
    }
    return new LedgerSnapshot(entries, flops.path("accounting_errors").asLong());
  }

  private static Map<String, BigInteger> phases(LedgerSnapshot snapshot) {
    Map<Phase, BigInteger> sums = snapshot.flopsBy(LedgerEntry::phase);
    Map<String, BigInteger> labelled = new LinkedHashMap<>();
    for (Phase phase : Phase.values()) {
      labelled.put(phase.label(), sums.getOrDefault(phase, BigInteger.ZERO));
    }
    return labelled;
  }

  private static ArrayNode layers(LedgerSnapshot snapshot, @Nullable Roofline roofline) {
    record Place(String layer, Phase phase) {}
    Map<Place, List<LedgerEntry>> places = new LinkedHashMap<>();
    for (LedgerEntry entry : snapshot.entries()) {
      places
          .computeIfAbsent(new Place(entry.layer(), entry.phase()), place -> new ArrayList<>())
          .add(entry);
    }
    ArrayNode rows = NODES.arrayNode();
    places.forEach(
        (place, entries) ->
            putWork(
                rows.addObject().put("layer", place.layer()).put("phase", place.phase().label()),
                new LedgerSnapshot(entries, 0),
                roofline));
    return rows;
  }

  private static ArrayNode opClasses(LedgerSnapshot snapshot, @Nullable Roofline roofline) {
    ArrayNode rows = NODES.arrayNode();
    for (OpClass opClass : OpClass.values()) {
      LedgerSnapshot part = snapshot.where(entry -> entry.opClass() == opClass);
      if (!part.entries().isEmpty()) {
        putWork(rows.addObject().put("op_class", opClass.label()), part, roofline);
      }
    }
    return rows;
  }

  private static void putWork(ObjectNode row, LedgerSnapshot part, @Nullable Roofline roofline) {
    ExactJson.put(row, "flops", part.flops());
    ExactJson.put(row, "bytes", part.bytesRead().add(part.bytesWritten()));
    ExactJson.put(row, "footprint_bytes", part.footprint());
    part.flopsPerByte()
        .ifPresent(
            intensity -> {
              row.put("flops_per_byte", intensity);
              if (roofline != null) {
                RooflineJson.put(row, roofline, intensity);
              }
            });
  }

  private static ObjectNode op(LedgerEntry entry) {
    ObjectNode node =
        NODES
            .objectNode()
            .put("layer", entry.layer())
            .put("phase", entry.phase().label())
            .put("family", entry.family().label())
            .put("op", entry.op())
            .put("op_class", entry.opClass().label())
            .put("dtype", entry.type().label())
            .put("executions", entry.executions());
    ExactJson.put(node, "flops", entry.flops());
    ExactJson.put(node, "bytes_read", entry.bytesRead());
    ExactJson.put(node, "bytes_written", entry.bytesWritten());
    ExactJson.put(node, "footprint_bytes", entry.footprint());
    return node;
  }

  private static <E extends Enum<E>> E named(E[] values, Function<E, String> label, JsonNode name) {
    return Arrays.stream(values)
        .filter(value -> label.apply(value).equals(name.asText()))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "unknown name %s in a summary; was it written by a newer version?"
                        .formatted(name)));
  }
}
