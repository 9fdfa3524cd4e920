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
import java.util.function.Function;
import org.ergometer.accounting.ledger.LedgerTable;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.Component;
import org.ergometer.accounting.predict.Convention;
import org.ergometer.accounting.predict.ElementwiseWork;
import org.ergometer.accounting.predict.LatentAttention;
import org.ergometer.accounting.predict.MemoryFormat;
import org.ergometer.accounting.predict.Mixture;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TrainingMemory;
import org.ergometer.accounting.predict.TrainingRun;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.predict.UpdateWork;
import org.ergometer.models.transformer.Transformer;
import org.jspecify.annotations.Nullable;

/** A prediction as JSON, schema {@code ergometer.predict/1}, and as text. */
public final class PredictReport {

  private static final double FLOPS_OF_A_PETAFLOP_S_DAY = 1e15 * 86_400;

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final List<String> lines = new ArrayList<>();

  /** What the times stand on: the exact products, or a convention where there is no shape. */
  private final BigInteger flops;

  /** The report of a run of a whole model. */
  public PredictReport(TrainingRun run) {
    this(run, run.memory(), run.batch(), UpdateWork.ADAMW);
  }

  /**
   * The report of a run of a whole model.
   *
   * @param memory what it holds at once
   * @param sequences in a batch that is computed at once
   * @param rule of its updates
   */
  public PredictReport(TrainingRun run, TrainingMemory memory, long sequences, UpdateWork rule) {
    flops = run.flops();
    json.put("schema", "ergometer.predict/1");
    json.set("model", ModelJson.of(run.shape()));
    putTokens(run.tokens(), run.steps());
    json.put("batch", run.batch());
    json.put("recompute", run.recompute().label());
    addModel(run);
    ObjectNode node = json.putObject("flops");
    addComponents(node, run);
    addOtherWork(node, run, sequences, rule);
    addConventions(run.conventions(), flops);
    addMemory(memory, sequences);
  }

  /**
   * The report of a number of parameters and tokens.
   *
   * @param basis the convention that times stand on
   */
  public PredictReport(BigInteger parameters, BigInteger tokens, Convention basis) {
    Map<Convention, BigInteger> conventions = Convention.ofRun(parameters, tokens);
    flops = Objects.requireNonNull(conventions.get(basis));
    json.put("schema", "ergometer.predict/1");
    ExactJson.put(json.putObject("model"), "parameters", parameters);
    putTokens(tokens, null);
    json.put("time_basis", basis.key());
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
        "Model: %s, width %d, %s of %d%s, feed-forward %d (%s), context %d," + " vocabulary %d",
        Counted.of(shape.layers(), "layer"),
        shape.width(),
        Counted.of(shape.heads(), "head"),
        shape.headDim(),
        shape.keyValueHeads() == shape.heads()
            ? ""
            : ", %s of keys and values".formatted(shape.keyValueHeads()),
        shape.feedForward(),
        shape.activation().label(),
        shape.context(),
        shape.vocabulary());
    add(
        "Parameters: %,d (%s), %,d without embeddings",
        shape.parameters(),
        Figure.count((double) shape.parameters()),
        shape.nonEmbeddingParameters());
    Mixture mixture = shape.mixture();
    if (mixture.routes()) {
      add(
          "Active parameters: %,d, %d of %d experts%s%s",
          shape.activeParameters(),
          mixture.active(),
          mixture.experts(),
          mixture.shared() == 0 ? "" : " and %s shared".formatted(mixture.shared()),
          mixture.denseLayers() == 0
              ? ""
              : "; the first %s without, feed-forward %s"
                  .formatted(mixture.denseLayers(), mixture.denseFeedForward()));
    }
    LatentAttention latent = shape.latent();
    if (latent != null) {
      add(
          "Latent attention: keys and values from %d channels%s; %d more channels of a head turn,"
              + " values of %d",
          latent.keyValueRank(),
          latent.queryRank() == 0 ? "" : ", queries from %s".formatted(latent.queryRank()),
          latent.rotaryDim(),
          latent.valueDim());
    }
    Long steps = run.steps();
    add(
        "Training: %,d tokens%s",
        run.tokens(),
        steps == null
            ? ""
            : ", %s of %s"
                .formatted(Counted.of(steps, "step"), Counted.of(run.batch(), "sequence")));
  }

  private void addComponents(ObjectNode node, TrainingRun run) {
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
    table.forEach((component, phases) -> addRow(component.label(), phases, share(phases)));
    add("  %-22s%12s", "total", LedgerTable.amount(flops));
    add(
        "  %-22s%12s, %s petaFLOP/s-days",
        "per token",
        LedgerTable.amount(flops.divide(run.tokens())),
        Figure.of(flops.doubleValue() / FLOPS_OF_A_PETAFLOP_S_DAY));
  }

  private void addRow(String name, Map<Phase, BigInteger> phases, String share) {
    add(
        "  %-22s%12s%12s%12s%s",
        name,
        amount(phases, Phase.FORWARD),
        amount(phases, Phase.BACKWARD),
        amount(phases, Phase.RECOMPUTE),
        share);
  }

  private String share(Map<Phase, BigInteger> phases) {
    BigInteger sum = phases.values().stream().reduce(BigInteger.ZERO, BigInteger::add);
    return String.format(Locale.ROOT, "%8.2f%%", 100 * sum.doubleValue() / flops.doubleValue());
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

  /** Work that is no matrix product, beside the total and never in it. */
  private void addOtherWork(ObjectNode node, TrainingRun run, long sequences, UpdateWork rule) {
    ElementwiseWork pass = run.elementwise(sequences);
    ElementwiseWork work =
        rule.scaledLoss() ? pass.withScaledLoss(run.shape(), run.tokens()) : pass;
    BigInteger update = run.update(rule);
    ExactJson.put(node, "elementwise", work.flops());
    if (update != null) {
      ExactJson.put(node, "update", update);
    }
    ArrayNode rows = node.putArray("elementwise_components");
    Map<String, Map<Phase, BigInteger>> table = new LinkedHashMap<>();
    for (ElementwiseWork.Term term : work.terms()) {
      ObjectNode row =
          rows.addObject().put("component", term.part().label()).put("phase", term.phase().label());
      ExactJson.put(row, "flops", term.flops());
      table
          .computeIfAbsent(term.part().label(), part -> new LinkedHashMap<>())
          .put(term.phase(), term.flops());
    }
    add("");
    add("Beside them, each operation by docs/flop-conventions.md");
    table.forEach((part, phases) -> addRow(part, phases, ""));
    add("  %-22s%12s", "total", LedgerTable.amount(work.flops()));
    if (update != null) {
      add(
          "  %-22s%12s  of the optimizer, without the clipping of large gradients",
          "update", LedgerTable.amount(update));
    }
  }

  private void addMemory(TrainingMemory memory, long sequences) {
    ObjectNode node = json.putObject("memory");
    putBytes(node, memory);
    node.put("dtype", memory.format().label());
    boolean exact = Transformer.isBuildable(memory.shape());
    node.put("activations_basis", exact ? "exact" : "estimate");
    ObjectNode formats = json.putObject("memory_by_dtype");
    for (MemoryFormat format : MemoryFormat.values()) {
      ObjectNode bytes = formats.putObject(format.label());
      putBytes(bytes, memory.in(format));
      Map<String, BigInteger> activations = new LinkedHashMap<>();
      for (Recompute recompute : Recompute.values()) {
        activations.put(recompute.label(), memory.in(format).with(recompute).activations());
      }
      ExactJson.putAll(bytes, "activations_bytes_by_recompute", activations);
    }
    ExactJson.putAll(json, "memory_conventions", memory.published());
    add("");
    add("%-24s%12s%17s%14s%14s", "Memory", "float32", "16-bit products", "mixed 16 bit", "16 bit");
    addBytes("parameters", memory, TrainingMemory::parameters, "");
    addBytes("gradients", memory, TrainingMemory::gradients, "");
    addBytes("optimizer", memory, TrainingMemory::optimizer, "");
    addBytes(
        "activations",
        memory,
        TrainingMemory::activations,
        String.format(
            Locale.ROOT,
            "%s, for %,d sequences",
            exact ? "kept for the backward pass" : "an estimate",
            sequences));
    addBytes("total", memory, TrainingMemory::total, "");
    for (Recompute recompute : Recompute.values()) {
      if (recompute != memory.recompute()) {
        addBytes(
            "activations",
            memory.with(recompute),
            TrainingMemory::activations,
            "with --recompute " + recompute.label());
      }
    }
  }

  private static void putBytes(ObjectNode node, TrainingMemory memory) {
    ExactJson.put(node, "parameters_bytes", memory.parameters());
    ExactJson.put(node, "gradients_bytes", memory.gradients());
    ExactJson.put(node, "optimizer_bytes", memory.optimizer());
    ExactJson.put(node, "activations_bytes", memory.activations());
    ExactJson.put(node, "total_bytes", memory.total());
  }

  private void addBytes(
      String name, TrainingMemory memory, Function<TrainingMemory, BigInteger> bytes, String note) {
    add(
        "  %-22s%11sB%16sB%13sB%13sB  %s",
        name,
        LedgerTable.amount(bytes.apply(memory.in(MemoryFormat.FLOAT32))),
        LedgerTable.amount(bytes.apply(memory.in(MemoryFormat.ROUNDED_OPERANDS))),
        LedgerTable.amount(bytes.apply(memory.in(MemoryFormat.MIXED_16BIT))),
        LedgerTable.amount(bytes.apply(memory.in(MemoryFormat.PLAIN_16BIT))),
        note);
  }

  private void add(String format, Object... values) {
    lines.add(String.format(Locale.ROOT, format, values).stripTrailing());
  }
}
