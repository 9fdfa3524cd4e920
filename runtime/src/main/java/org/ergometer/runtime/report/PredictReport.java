package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.ergometer.accounting.ledger.LedgerTable;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.Component;
import org.ergometer.accounting.predict.Convention;
import org.ergometer.accounting.predict.TrainingMemory;
import org.ergometer.accounting.predict.TrainingRun;
import org.ergometer.accounting.predict.TransformerShape;
import org.jspecify.annotations.Nullable;

/** A prediction as JSON, schema {@code ergometer.predict/1}, and as text. */
public final class PredictReport {

  private static final double FLOPS_OF_A_PETAFLOP_S_DAY = 1e15 * 86_400;

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final List<String> lines = new ArrayList<>();

  /** What the times stand on: the exact products, or 6·N·D where there is no shape. */
  private final BigInteger flops;

  /** The report of a run of a whole model. */
  public PredictReport(TrainingRun run) {
    this(run, run.memory(), run.batch());
  }

  /**
   * The report of a run of a whole model.
   *
   * @param memory what it holds at once
   * @param sequences in a batch that is computed at once
   */
  public PredictReport(TrainingRun run, TrainingMemory memory, long sequences) {
    flops = run.flops();
    json.put("schema", "ergometer.predict/1");
    json.set("model", ModelJson.of(run.shape()));
    putTokens(run.tokens(), run.steps());
    json.put("batch", run.batch());
    json.put("recompute", run.recompute().label());
    addModel(run);
    addComponents(run);
    addConventions(run.conventions(), flops);
    addMemory(memory, sequences);
  }

  /** The report of a number of parameters and tokens. */
  public PredictReport(BigInteger parameters, BigInteger tokens) {
    Map<Convention, BigInteger> conventions = Convention.ofRun(parameters, tokens);
    flops = Objects.requireNonNull(conventions.get(Convention.SIX_N));
    json.put("schema", "ergometer.predict/1");
    ExactJson.put(json.putObject("model"), "parameters", parameters);
    putTokens(tokens, null);
    add("Parameters: %,d; %s tokens", parameters, Figure.count(tokens.doubleValue()));
    addConventions(conventions, null);
  }

  /** Adds what it takes on a device. */
  public void add(DeviceForecast forecast) {
    forecast.put(json, flops.doubleValue());
    add("");
    add("On the device (an estimate)");
    lines.addAll(forecast.lines(flops.doubleValue()));
  }

  /** One JSON object over several lines, with a line end. */
  public String json() {
    return json.toPrettyString() + "\n";
  }

  /** Tables for people. */
  public String text() {
    return String.join("\n", lines) + "\n";
  }

  private void putTokens(BigInteger tokens, @Nullable Long steps) {
    ExactJson.put(json, "tokens", tokens);
    if (steps != null) {
      json.put("steps", steps);
    }
  }

  private void addModel(TrainingRun run) {
    TransformerShape shape = run.shape();
    add(
        "Model: %d layers, width %d, %d heads of %d%s, feed-forward %d (%s), context %d,"
            + " vocabulary %d",
        shape.layers(),
        shape.width(),
        shape.heads(),
        shape.headDim(),
        shape.keyValueHeads() == shape.heads()
            ? ""
            : ", %d of keys and values".formatted(shape.keyValueHeads()),
        shape.feedForward(),
        shape.activation().label(),
        shape.context(),
        shape.vocabulary());
    add(
        "Parameters: %,d (%s), %,d without embeddings",
        shape.parameters(),
        Figure.count((double) shape.parameters()),
        shape.nonEmbeddingParameters());
    if (shape.experts() > 1) {
      add(
          "Active parameters: %,d, %d of %d experts",
          shape.activeParameters(), shape.activeExperts(), shape.experts());
    }
    Long steps = run.steps();
    add(
        "Training: %,d tokens%s",
        run.tokens(),
        steps == null
            ? ""
            : ", %s steps of %,d sequences"
                .formatted(String.format(Locale.ROOT, "%,d", steps), run.batch()));
  }

  private void addComponents(TrainingRun run) {
    ObjectNode node = json.putObject("flops");
    ExactJson.put(node, "total", flops);
    node.put("per_token", flops.doubleValue() / run.tokens().doubleValue());
    node.put("petaflop_s_days", flops.doubleValue() / FLOPS_OF_A_PETAFLOP_S_DAY);
    ArrayNode components = node.putArray("components");
    Map<Component, Map<Phase, BigInteger>> table = new LinkedHashMap<>();
    for (TrainingRun.ComponentWork work : run.components()) {
      ObjectNode row =
          components
              .addObject()
              .put("component", work.component().label())
              .put("phase", work.phase().label());
      ExactJson.put(row, "flops", work.flops());
      table
          .computeIfAbsent(work.component(), component -> new LinkedHashMap<>())
          .put(work.phase(), work.flops());
    }
    add("");
    add("FLOPs of the matrix products, as this runtime executes them (multiply-add = 2)");
    add("  %-22s%12s%12s%12s%9s", "", "forward", "backward", "recompute", "share");
    table.forEach(this::addRow);
    add("  %-22s%12s", "total", LedgerTable.amount(flops));
    add(
        "  %-22s%12s, %s petaFLOP/s-days",
        "per token",
        LedgerTable.amount(flops.divide(run.tokens())),
        Figure.of(flops.doubleValue() / FLOPS_OF_A_PETAFLOP_S_DAY));
  }

  private void addRow(Component component, Map<Phase, BigInteger> phases) {
    BigInteger sum = phases.values().stream().reduce(BigInteger.ZERO, BigInteger::add);
    add(
        "  %-22s%12s%12s%12s%8.2f%%",
        component.label(),
        amount(phases, Phase.FORWARD),
        amount(phases, Phase.BACKWARD),
        amount(phases, Phase.RECOMPUTE),
        100 * sum.doubleValue() / flops.doubleValue());
  }

  private static String amount(Map<Phase, BigInteger> phases, Phase phase) {
    BigInteger flops = phases.get(phase);
    return flops == null ? "" : LedgerTable.amount(flops);
  }

  /** Each convention beside the exact total, where there is one. */
  private void addConventions(Map<Convention, BigInteger> conventions, @Nullable BigInteger total) {
    Map<String, BigInteger> byKey = new LinkedHashMap<>();
    add("");
    add("FLOPs by published conventions%s", total == null ? "" : ", and what part of ours that is");
    conventions.forEach(
        (convention, count) -> {
          byKey.put(convention.key(), count);
          add(
              "  %-18s%12s%9s  %s (%s)",
              convention.key(),
              LedgerTable.amount(count),
              total == null
                  ? ""
                  : String.format(
                      Locale.ROOT, "%.2f%%", 100 * count.doubleValue() / total.doubleValue()),
              convention.formula(),
              convention.source());
        });
    ExactJson.putAll(json, "conventions", byKey);
  }

  private void addMemory(TrainingMemory memory, long sequences) {
    ObjectNode node = json.putObject("memory");
    ExactJson.put(node, "parameters_bytes", memory.parameters());
    ExactJson.put(node, "gradients_bytes", memory.gradients());
    ExactJson.put(node, "optimizer_bytes", memory.optimizer());
    ExactJson.put(node, "activations_bytes", memory.activations());
    ExactJson.put(node, "total_bytes", memory.total());
    node.put("dtype", "float32");
    node.put("activations_basis", "estimate");
    add("");
    add("Memory in float32");
    addBytes("parameters", memory.parameters(), "");
    addBytes("gradients", memory.gradients(), "");
    addBytes("optimizer", memory.optimizer(), optimizerNote(memory));
    addBytes(
        "activations", memory.activations(), "an estimate, for %,d sequences".formatted(sequences));
    addBytes("total", memory.total(), "");
  }

  private static String optimizerNote(TrainingMemory memory) {
    boolean adam = memory.optimizer().equals(memory.parameters().multiply(BigInteger.TWO));
    return adam ? "two moments of each parameter" : "";
  }

  private void addBytes(String name, BigInteger bytes, String note) {
    add("  %-22s%12sB  %s", name, LedgerTable.amount(bytes), note);
  }

  private void add(String format, Object... values) {
    lines.add(String.format(Locale.ROOT, format, values).stripTrailing());
  }
}
