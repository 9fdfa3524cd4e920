package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.ledger.LedgerTable;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.precision.PrecisionSavings;
import org.ergometer.models.transformer.Precision;

/** The part {@code precision} of a run's summary: the policy, and what it saved where counted. */
final class PrecisionJson {

  private PrecisionJson() {}

  static void put(ObjectNode json, RunFacts facts) {
    ObjectNode node = json.putObject("precision");
    node.put("policy", facts.precision().label());
    ObjectNode types = node.putObject("types");
    for (Precision.Work work : Precision.Work.values()) {
      types.put(
          work.name().toLowerCase(Locale.ROOT),
          facts.precision().type(work).name().toLowerCase(Locale.ROOT));
    }
    LedgerSnapshot ledger = facts.ledger();
    if (ledger == null) {
      return;
    }
    PrecisionSavings savings = PrecisionSavings.of(ledger);
    ExactJson.putAll(node, "flops_by_dtype", ledger.flopsBy(entry -> entry.type().label()));
    node.put("matmul_16_bit_ratio", savings.halfShare());
    ExactJson.put(node, "bytes_moved", savings.movedBytes());
    ExactJson.put(node, "cast_bytes", savings.castBytes());
    ExactJson.put(node, "bytes_saved", savings.savedBytes());
    Map<String, BigInteger> phases = new LinkedHashMap<>();
    for (Phase phase : Phase.values()) {
      phases.put(phase.label(), savings.savedByPhase().getOrDefault(phase, BigInteger.ZERO));
    }
    ExactJson.putAll(node, "bytes_saved_by_phase", phases);
    node.put("baseline", PrecisionSavings.BASELINE);
  }

  /** A line for people; empty where all is float32, or nothing was counted. */
  static String line(JsonNode summary) {
    JsonNode node = summary.path("precision");
    if (!node.has("bytes_saved") || node.path("policy").asText().equals("float32")) {
      return "";
    }
    BigInteger saved = ExactJson.read(node.path("bytes_saved"));
    return String.format(
        Locale.ROOT,
        "Precision: %s; %.1f %% of the products' FLOPs on 16 bits; bytes saved %s%s of %s moved, casts included"
            + " (baseline: %s)\n",
        node.path("policy").asText(),
        100 * node.path("matmul_16_bit_ratio").asDouble(),
        saved.signum() < 0 ? "-" : "",
        LedgerTable.amount(saved.abs()),
        LedgerTable.amount(ExactJson.read(node.path("bytes_moved"))),
        node.path("baseline").asText());
  }
}
