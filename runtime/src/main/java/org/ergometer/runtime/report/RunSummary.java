package org.ergometer.runtime.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.Convention;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.reconcile.Cause;
import org.ergometer.accounting.reconcile.Explanation;
import org.ergometer.accounting.reconcile.Reconciliation;
import org.ergometer.runtime.training.TrainingTotals;
import org.jspecify.annotations.Nullable;

/**
 * A run as one JSON object, schema {@code ergometer.run/1}. Counts are exact integers, everything
 * is in base units, and what is unknown has no key.
 */
public final class RunSummary {

  private static final String SCHEMA = "ergometer.run/1";
  private static final String CHECKSUM = "checksum";
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private static final JsonMapper RECORDS =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  private final ObjectNode json;

  private RunSummary(ObjectNode json) {
    this.json = json;
  }

  /** The summary of what is known now. */
  public static RunSummary of(RunFacts facts) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("schema", SCHEMA);
    json.put("run_id", facts.runId());
    json.put("status", facts.status().label());
    putTime(json.putObject("time"), facts.time());
    if (facts.recipe() != null) {
      json.set("recipe", RECORDS.valueToTree(facts.recipe()));
    }
    json.set("model", ModelJson.of(facts.shape()));
    TrainingTotals totals = facts.totals();
    json.put("steps", totals.steps());
    json.put("skipped_steps", totals.skipped());
    json.put("tokens", totals.tokens());
    putFinite(json, "final_loss", totals.loss());
    putFinite(json, "validation_loss", totals.validationLoss());
    ObjectNode throughput = json.putObject("throughput");
    putFinite(throughput, "median_step_seconds", totals.medianStepSeconds());
    putFinite(throughput, "tokens_per_second", totals.tokensPerSecond());
    if (facts.ledger() != null) {
      json.set("flops", LedgerJson.write(facts.ledger(), RooflineJson.of(facts)));
    }
    RooflineJson.put(json, facts);
    PrecisionJson.put(json, facts);
    putPrediction(json, facts);
    EnergyJson.put(json, facts);
    UtilizationJson.put(json, facts);
    ObjectNode environment = json.putObject("environment");
    facts.environment().forEach(environment::put);
    return new RunSummary(json);
  }

  /**
   * The summary that a file holds.
   *
   * @throws IllegalArgumentException if there is none, it is another kind of file, or not as it was
   *     written; those of earlier versions have no checksum
   */
  public static RunSummary read(Path file) {
    try {
      String text = Files.readString(file);
      JsonNode json = MAPPER.readTree(text);
      if (json.has(CHECKSUM) && !TextChecksum.isRight(text)) {
        throw new InvalidInputException(
            "%s is not as the run wrote it, damaged or edited; train --resume --run %s writes it again"
                .formatted(file, file.resolveSibling("")));
      }
      if (json instanceof ObjectNode object && object.path("schema").asText().equals(SCHEMA)) {
        object.remove(CHECKSUM);
        return new RunSummary(object);
      }
      throw new InvalidInputException(
          "%s is no summary of a run: its schema must be %s, got \"%s\""
              .formatted(file, SCHEMA, json.path("schema").asText()));
    } catch (NoSuchFileException e) {
      throw new InvalidInputException(
          "%s does not exist; name the directory of a run that has begun".formatted(file), e);
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s cannot be read as a summary (%s); was it edited?"
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  /**
   * The object as text over several lines, with a line end; its last key is a checksum of the rest.
   */
  public String text() {
    try {
      ObjectNode whole = json.deepCopy().put(CHECKSUM, TextChecksum.UNKNOWN);
      return TextChecksum.set(MAPPER.writeValueAsString(whole) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and texts is always JSON", e);
    }
  }

  /**
   * FLOPs of the run beyond those predicted, by cause over all phases, with the residual, which has
   * none; empty where nothing was counted.
   */
  public Map<String, BigInteger> flopsByCause() {
    Map<String, BigInteger> causes = new LinkedHashMap<>();
    JsonNode reconciliation = json.path("reconciliation");
    for (JsonNode cause : reconciliation.path("causes")) {
      causes.merge(
          cause.path("cause").asText(), ExactJson.read(cause.path("flops")), BigInteger::add);
    }
    if (reconciliation.has("residual")) {
      causes.put("residual", ExactJson.read(reconciliation.path("residual")));
    }
    return causes;
  }

  /**
   * The object in one line, as pages show it: without single ops and the layers of the
   * reconciliation, and without the paths of this machine.
   */
  public String outline() {
    ObjectNode outline = json.deepCopy();
    if (outline.get("recipe") instanceof ObjectNode recipe) {
      recipe.remove(List.of("command", "resumed_with", "files"));
    }
    outline.withObject("flops").remove("ops");
    outline.withObject("reconciliation").remove("by_layer");
    if (!json.has("flops")) {
      outline.remove(List.of("flops", "reconciliation"));
    }
    return outline.toString();
  }

  /** Steps that were done. */
  public int steps() {
    return json.path("steps").asInt();
  }

  /** Training tokens of the steps that were done. */
  public long tokens() {
    return json.path("tokens").asLong();
  }

  /** {@code completed}, {@code interrupted} or {@code failed}. */
  public String status() {
    return json.path("status").asText();
  }

  /** The tree itself; not a copy. */
  JsonNode json() {
    return json;
  }

  /** Instants as ISO 8601 in UTC, to the second. */
  private static void putTime(ObjectNode json, RunTime time) {
    putInstant(json, "started", time.started());
    putInstant(json, "ended", time.ended());
    json.put("seconds", time.seconds());
  }

  private static void putInstant(ObjectNode json, String key, @Nullable Instant instant) {
    if (instant != null) {
      json.put(key, instant.truncatedTo(ChronoUnit.SECONDS).toString());
    }
  }

  private static void putPrediction(ObjectNode json, RunFacts facts) {
    MatrixProducts training =
        MatrixProducts.trainingStep(facts.shape(), 1, facts.shape().context(), facts.recompute())
            .times(facts.totals().tokens() / facts.shape().context());
    ObjectNode predicted = json.putObject("predicted");
    ExactJson.put(predicted, "flops", training.flops());
    BigInteger tokens = BigInteger.valueOf(facts.totals().tokens());
    Map<String, BigInteger> conventions = new LinkedHashMap<>();
    Convention.ofRun(facts.shape(), tokens, facts.recompute())
        .forEach((convention, flops) -> conventions.put(convention.key(), flops));
    ExactJson.putAll(predicted, "conventions", conventions);
    if (facts.ledger() != null) {
      json.set(
          "reconciliation",
          reconciliation(
              Reconciliation.of(facts.ledger(), training, explanations(facts, training))));
    }
  }

  /**
   * What was done beside training, and what the causal mask spared in all of it but in sampling,
   * whose texts have any length.
   */
  private static List<Explanation> explanations(RunFacts facts, MatrixProducts training) {
    List<Explanation> explanations = new ArrayList<>(facts.besideTraining());
    MatrixProducts all = training;
    for (Explanation explanation : facts.besideTraining()) {
      if (explanation instanceof Explanation.Predicted known && known.cause() != Cause.SAMPLING) {
        all = all.plus(known.work());
      }
    }
    explanations.add(
        new Explanation.LeftOut(Cause.CAUSAL_SKIP, all.hiddenByCausality(facts.shape().context())));
    return explanations;
  }

  private static ObjectNode reconciliation(Reconciliation reconciliation) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ExactJson.put(json, "measured", reconciliation.measured());
    ExactJson.put(json, "predicted", reconciliation.predicted());
    ExactJson.put(json, "difference", reconciliation.difference());
    putCauses(json.putArray("causes"), reconciliation.causes());
    ExactJson.put(json, "residual", reconciliation.residual());
    json.put("exact", reconciliation.exact());
    putRows(json.putArray("by_layer"), reconciliation.rows());
    return json;
  }

  private static void putCauses(ArrayNode array, List<Reconciliation.Part> causes) {
    for (Reconciliation.Part cause : causes) {
      ObjectNode node =
          array.addObject().put("cause", cause.cause().label()).put("phase", cause.phase().label());
      ExactJson.put(node, "flops", cause.flops());
    }
  }

  private static void putRows(ArrayNode array, List<Reconciliation.Row> rows) {
    for (Reconciliation.Row row : rows) {
      ObjectNode node =
          array.addObject().put("layer", row.layer()).put("phase", row.phase().label());
      ExactJson.put(node, "measured", row.measured());
      ExactJson.put(node, "predicted", row.predicted());
      ExactJson.put(node, "explained", row.explained());
      ExactJson.put(node, "residual", row.residual());
    }
  }

  private static void putFinite(ObjectNode json, String key, @Nullable Double value) {
    if (value != null && Double.isFinite(value)) {
      json.put(key, value);
    }
  }
}
