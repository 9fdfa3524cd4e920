package org.ergometer.accounting.metrics;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every exported metric: its Micrometer name, unit, labels and help text.
 *
 * <p>Prometheus shows the name with underscores, the unit and, for a counter, {@code _total}
 * appended: {@code ergometer.memory.traffic} in bytes is {@code
 * ergometer_memory_traffic_bytes_total}. Counters start at 0 with the process; {@code run} gauges
 * hold totals of the whole run, resumed parts included.
 */
public enum Metric {
  FLOPS(
      Kind.COUNTER,
      "ergometer.flops",
      null,
      "phase op_class dtype",
      "Floating-point operations of executed ops, multiply-add = 2; a count, not per second"),
  LAYER_FLOPS(
      Kind.COUNTER,
      "ergometer.layer.flops",
      null,
      "layer phase",
      "Floating-point operations of executed ops by layer, multiply-add = 2; a count, not per"
          + " second"),
  MEMORY_TRAFFIC(
      Kind.COUNTER,
      "ergometer.memory.traffic",
      "bytes",
      "phase dtype direction",
      "Bytes of tensors that executed ops read and wrote, from shapes; caches are not considered"),
  PREDICTED_FLOPS(
      Kind.COUNTER,
      "ergometer.predicted.flops",
      null,
      "phase",
      "Floating-point operations of matrix products that the closed form predicts for the training"
          + " steps whose update was made, evaluations and sampling left out, multiply-add = 2"),
  UNACCOUNTED_OPS(
      Kind.COUNTER,
      "ergometer.unaccounted.ops",
      null,
      "op",
      "Executed ops that no formula is registered for; their floating-point operations are"
          + " unknown"),
  ACCOUNTING_ERRORS(
      Kind.COUNTER,
      "ergometer.accounting.errors",
      null,
      "",
      "Executed ops that could not be booked; the totals are too low by them"),
  ACCOUNTING_OVERHEAD(
      Kind.COUNTER,
      "ergometer.accounting.overhead",
      "seconds",
      "",
      "Seconds spent on booking executed ops; an estimate, from one op in 61 that is timed"),
  RECONCILIATION(
      Kind.GAUGE,
      "ergometer.reconciliation.flops",
      null,
      "cause",
      "Floating-point operations of the whole run beyond those predicted, by cause; residual is"
          + " what has no cause. Of the end of a step"),
  TOKENS(
      Kind.COUNTER,
      "ergometer.tokens",
      null,
      "split",
      "Tokens that the parameters learned from, or that were evaluated"),
  STEPS(
      Kind.COUNTER,
      "ergometer.steps",
      null,
      "outcome",
      "Optimizer steps, applied or skipped for a gradient that was not finite"),
  SKIPPED_STEPS(
      Kind.COUNTER,
      "ergometer.skipped.steps",
      null,
      "",
      "Optimizer steps skipped for a gradient that was not finite"),
  LOSS_SCALE(
      Kind.GAUGE,
      "ergometer.loss.scale",
      null,
      "",
      "Factor of the loss in the last step, which keeps gradients within float16; absent where the"
          + " loss is not scaled"),
  PRECISION_SAVED(
      Kind.GAUGE,
      "ergometer.precision.saved",
      "bytes",
      "phase",
      "Bytes that this process moved less than the same ops would in float32, which needs no casts;"
          + " negative where it moved more"),
  STEP_DURATION(
      Kind.TIMER,
      "ergometer.step.duration",
      null,
      "",
      "Seconds of wall clock a training step took"),
  PHASE_DURATION(
      Kind.TIMER,
      "ergometer.phase.duration",
      null,
      "phase",
      "Seconds of wall clock a phase of a training step took"),
  LOSS(
      Kind.GAUGE,
      "ergometer.loss",
      null,
      "split",
      "Mean cross-entropy per token in nats: of the last step, of the last evaluation"),
  LEARNING_RATE(Kind.GAUGE, "ergometer.learning.rate", null, "", "Learning rate of the last step"),
  GRADIENT_NORM(
      Kind.GAUGE,
      "ergometer.gradient.norm",
      null,
      "",
      "Euclidean norm of the last step's gradient before clipping"),
  PROGRESS(Kind.GAUGE, "ergometer.progress", "ratio", "", "Part of the run that is done, 0 to 1"),
  ESTIMATED_REMAINING(
      Kind.GAUGE,
      "ergometer.estimated.remaining",
      "seconds",
      "",
      "Seconds until the run ends at its present speed; 0 where it ended, however"),
  PEAK_FLOPS(
      Kind.GAUGE,
      "ergometer.peak.flops.per.second",
      null,
      "dtype source",
      "Floating-point operations per second of matrix products that the machine can do at most;"
          + " measured, from a table or said by the user. Of a run in mixed precision that of its work,"
          + " each part at the peak of its type, with an empty dtype"),
  MODEL_FLOPS_UTILIZATION(
      Kind.GAUGE,
      "ergometer.model.flops.utilization",
      "ratio",
      "",
      "Part of the peak that the model's matrix products take, 0 to 1, look-ups and recomputation"
          + " left out; mean over about 50 steps"),
  HARDWARE_FLOPS_UTILIZATION(
      Kind.GAUGE,
      "ergometer.hardware.flops.utilization",
      "ratio",
      "",
      "Part of the peak that is used, recomputation included, 0 to 1; mean over about 50 steps"),
  RUN_FLOPS(
      Kind.GAUGE,
      "ergometer.run.flops",
      null,
      "",
      "Floating-point operations of the whole run, resumed parts included, multiply-add = 2"),
  RUN_TOKENS(
      Kind.GAUGE,
      "ergometer.run.tokens",
      null,
      "",
      "Training tokens of the whole run, resumed parts included"),
  RUN_SKIPPED_STEPS(
      Kind.GAUGE,
      "ergometer.run.skipped.steps",
      null,
      "",
      "Steps of the whole run that were skipped for a gradient that was not finite, resumed parts"
          + " included"),
  RUN_STATUS(
      Kind.GAUGE,
      "ergometer.run.status",
      null,
      "status",
      "What the run is doing; always 1: running, or how it ended, completed, interrupted or failed"),
  ENERGY(
      Kind.COUNTER,
      "ergometer.energy",
      "joules",
      "device domain method",
      "Joules that whole devices drew, other processes included; domains do not overlap. Method"
          + " power_model is an estimate, not a measurement"),
  PHASE_ENERGY(
      Kind.COUNTER,
      "ergometer.phase.energy",
      "joules",
      "phase method",
      "The same joules by phase of the work, divided by time and power in each phase; phase idle"
          + " is the rest before training"),
  ENERGY_COVERAGE(
      Kind.GAUGE,
      "ergometer.energy.coverage",
      "ratio",
      "domain",
      "Part of the time that real samples of the sensor cover, 0 to 1"),
  ENERGY_SAMPLES_DROPPED(
      Kind.COUNTER,
      "ergometer.energy.samples.dropped",
      null,
      "reason",
      "Looks at an energy sensor that gave no energy; they are never taken for 0 joules"),
  EMISSIONS(
      Kind.COUNTER,
      "ergometer.emissions.co2e",
      "grams",
      "",
      "Grams of CO2 equivalent for the joules, times PUE and the intensity of the grid"),
  COST(
      Kind.COUNTER,
      "ergometer.cost",
      "usd",
      "",
      "US dollars for device-hours and electricity, at the prices that were given"),
  RUN_ENERGY(
      Kind.GAUGE,
      "ergometer.run.energy",
      "joules",
      "",
      "Joules of the whole run, resumed parts included, the rest before training left out"),
  FORECAST_TIME(
      Kind.GAUGE,
      "ergometer.forecast",
      "seconds",
      "bound",
      "Seconds that the whole run will take, as judged after its first steps"),
  FORECAST_ENERGY(
      Kind.GAUGE,
      "ergometer.forecast.energy",
      "joules",
      "bound",
      "Joules that the whole run will draw, as judged after its first steps"),
  FORECAST_EMISSIONS(
      Kind.GAUGE,
      "ergometer.forecast.co2e",
      "grams",
      "bound",
      "Grams of CO2 equivalent of the whole run, as judged after its first steps"),
  FORECAST_COST(
      Kind.GAUGE,
      "ergometer.forecast.cost",
      "usd",
      "bound",
      "US dollars that the whole run will cost, as judged after its first steps"),
  RUN_INFO(Kind.GAUGE, "ergometer.run.info", null, "*", "Identity of the run; always 1"),
  BUILD_INFO(Kind.GAUGE, "ergometer.build.info", null, "*", "Version of Ergometer; always 1"),
  DEVICE_INFO(
      Kind.GAUGE,
      "ergometer.device.info",
      null,
      "*",
      "What the run is computed on, and by which libraries; always 1");

  /** How a metric behaves over time. */
  public enum Kind {
    /** Only grows while the process lives. */
    COUNTER,
    /** Goes up and down, and may be absent while unknown. */
    GAUGE,
    /** Distribution of durations. */
    TIMER
  }

  private static final String ANY = "*";

  private final Kind kind;
  private final String meterName;
  private final @Nullable String unit;
  private final String labels;
  private final String help;

  Metric(Kind kind, String meterName, @Nullable String unit, String labels, String help) {
    this.kind = kind;
    this.meterName = meterName;
    this.unit = unit;
    this.labels = labels;
    this.help = help;
  }

  public Kind kind() {
    return kind;
  }

  /** Name in Micrometer: dots, without unit. */
  public String meterName() {
    return meterName;
  }

  /** Name in Prometheus' text. */
  public String prometheusName() {
    String name = meterName.replace('.', '_') + (unit == null ? "" : "_" + unit);
    return switch (kind) {
      case COUNTER -> name + "_total";
      case GAUGE -> name;
      case TIMER -> name + "_seconds";
    };
  }

  /** Base unit, where the name does not say it. */
  public @Nullable String unit() {
    return unit;
  }

  /** Labels in their order; empty for a metric without, and for one that carries identities. */
  public List<String> labels() {
    return labels.isEmpty() || labels.equals(ANY) ? List.of() : List.of(labels.split(" "));
  }

  /** Whether the labels are identities that the run chooses. */
  boolean freeLabels() {
    return labels.equals(ANY);
  }

  /** Text of the HELP line: what is counted, and the unit in words. */
  public String help() {
    return help;
  }
}
