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
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Phase;

/**
 * A ledger's totals as the {@code flops} object of a summary: sums for those who look one up, and
 * every entry under {@code ops}, from which {@link #read} restores the snapshot exactly.
 */
final class LedgerJson {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private LedgerJson() {}

  static ObjectNode write(LedgerSnapshot snapshot) {
    ObjectNode flops = NODES.objectNode();
    flops.put("total", snapshot.flops());
    flops.put("matmul", snapshot.matmulFlops());
    flops.set("by_phase", phases(snapshot));
    flops.set("by_dtype", sums(snapshot, entry -> entry.type().label()));
    flops.set("by_op_class", sums(snapshot, entry -> entry.opClass().label()));
    flops.set("by_layer", layers(snapshot));
    flops.put("bytes_read", snapshot.bytesRead());
    flops.put("bytes_written", snapshot.bytesWritten());
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
              op.path("flops").bigIntegerValue(),
              op.path("bytes_read").bigIntegerValue(),
              op.path("bytes_written").bigIntegerValue()));
    }
    return new LedgerSnapshot(entries, flops.path("accounting_errors").asLong());
  }

  private static ObjectNode phases(LedgerSnapshot snapshot) {
    Map<Phase, BigInteger> sums = snapshot.flopsBy(LedgerEntry::phase);
    ObjectNode node = NODES.objectNode();
    for (Phase phase : Phase.values()) {
      node.put(phase.label(), sums.getOrDefault(phase, BigInteger.ZERO));
    }
    return node;
  }

  private static ObjectNode sums(LedgerSnapshot snapshot, Function<LedgerEntry, String> property) {
    ObjectNode node = NODES.objectNode();
    snapshot.flopsBy(property).forEach(node::put);
    return node;
  }

  private static ArrayNode layers(LedgerSnapshot snapshot) {
    record Place(String layer, Phase phase) {}
    Map<Place, BigInteger> sums = new LinkedHashMap<>();
    for (LedgerEntry entry : snapshot.entries()) {
      sums.merge(new Place(entry.layer(), entry.phase()), entry.flops(), BigInteger::add);
    }
    ArrayNode rows = NODES.arrayNode();
    sums.forEach(
        (place, flops) ->
            rows.addObject()
                .put("layer", place.layer())
                .put("phase", place.phase().label())
                .put("flops", flops));
    return rows;
  }

  private static ObjectNode op(LedgerEntry entry) {
    return NODES
        .objectNode()
        .put("layer", entry.layer())
        .put("phase", entry.phase().label())
        .put("family", entry.family().label())
        .put("op", entry.op())
        .put("op_class", entry.opClass().label())
        .put("dtype", entry.type().label())
        .put("executions", entry.executions())
        .put("flops", entry.flops())
        .put("bytes_read", entry.bytesRead())
        .put("bytes_written", entry.bytesWritten());
  }

  private static <E extends Enum<E>> E named(E[] values, Function<E, String> label, JsonNode name) {
    return Arrays.stream(values)
        .filter(value -> label.apply(value).equals(name.asText()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown name %s in a summary; was it written by a newer version?"
                        .formatted(name)));
  }
}
