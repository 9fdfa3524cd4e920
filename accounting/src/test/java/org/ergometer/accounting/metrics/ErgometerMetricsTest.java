package org.ergometer.accounting.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ergometer.accounting.energy.CarbonIntensity;
import org.ergometer.accounting.energy.Cost;
import org.ergometer.accounting.energy.DomainEnergy;
import org.ergometer.accounting.energy.DropReason;
import org.ergometer.accounting.energy.EnergyDomain;
import org.ergometer.accounting.energy.EnergyMethod;
import org.ergometer.accounting.energy.EnergySnapshot;
import org.ergometer.accounting.energy.Footprint;
import org.ergometer.accounting.energy.Forecast;
import org.ergometer.accounting.energy.PowerUsageEffectiveness;
import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.metrics.TrainingProgress.Outcome;
import org.ergometer.accounting.metrics.TrainingProgress.Step;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.op.Tensor;
import org.ergometer.accounting.op.TensorSpec;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.accounting.utilization.Utilization;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ErgometerMetricsTest {

  private static final OpRule MATMUL = rule("matmul", OpClass.MATMUL, 60);
  private static final OpRule SUM = rule("reduce_sum", OpClass.REDUCTION, 5);
  private static final OpRule CAST = rule("cast", OpClass.CAST, 0);
  private static final OpRule UNKNOWN = rule("svd", OpClass.UNACCOUNTED, 0);

  private final Ledger ledger = new Ledger();
  private final TrainingProgress progress = new TrainingProgress();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ErgometerMetrics metrics =
      new ErgometerMetrics(ledger, progress, Map.of("version", "0.0-test"));

  @BeforeEach
  void bind() {
    registry.throwExceptionOnRegistrationFailure();
    metrics.bindTo(registry);
  }

  @Test
  void beforeTheFirstStepOnlyWhatIsKnownIsShown() {
    assertThat(scrape())
        .contains("ergometer_accounting_errors_total 0.0")
        .contains("ergometer_build_info{version=\"0.0-test\"} 1\n")
        .contains(
            "ergometer_steps_total{outcome=\"applied\"} 0.0",
            "ergometer_steps_total{outcome=\"skipped\"} 0.0",
            "ergometer_tokens_total{split=\"train\"} 0.0",
            "ergometer_accounting_overhead_seconds_total 0.0")
        .doesNotContain("ergometer_run_flops", "ergometer_run_tokens")
        .doesNotContain("ergometer_loss")
        .doesNotContain("ergometer_learning_rate")
        .doesNotContain("ergometer_flops_total")
        .doesNotContain("ergometer_unaccounted_ops_total")
        .doesNotContain("ergometer_progress_ratio")
        .doesNotContain("NaN");
  }

  @Test
  void wholeTextOfASmallRun() throws IOException {
    record(Phase.FORWARD, "head", MATMUL);
    record(Phase.FORWARD, "head", MATMUL);
    record(Phase.BACKWARD, "head", SUM);
    record(Phase.OTHER, "none", UNKNOWN);
    ledger.recordError();
    ledger.recordOverhead(250_000_000);
    progress.identify(Map.of("run_id", "r1", "model", "tiny"));
    progress.device(Map.of("cpu", "a fast one"));
    progress.reconciled(
        Map.of("update", BigInteger.valueOf(5), "residual", BigInteger.valueOf(-1)));
    progress.continueFrom(BigInteger.valueOf(1000), 50, 2);
    progress.status("running");
    progress.predicted(Map.of(Phase.FORWARD, BigInteger.valueOf(120)));
    progress.stepDone(new Step(Outcome.APPLIED, 12, 4.5, 0.001, 2.5, 30_000_000));
    progress.stepDone(new Step(Outcome.SKIPPED, 0, 4.25, 0.001, 2.0, 30_000_000));
    progress.evaluated(100, 4.75);
    progress.advance(0.25, OptionalDouble.of(90));

    String text = scrape();

    assertThat(text.lines().filter(line -> !line.contains("duration")))
        .containsExactlyElementsOf(golden());
    assertThat(text)
        .contains("# TYPE ergometer_step_duration_seconds histogram")
        .contains("ergometer_step_duration_seconds_bucket{le=\"0.02\"} 0")
        .contains("ergometer_step_duration_seconds_bucket{le=\"0.05\"} 2")
        .contains("ergometer_step_duration_seconds_count 2")
        .contains("ergometer_step_duration_seconds_sum 0.06");
  }

  @Test
  void seriesThatAppearLaterAreRegisteredThen() {
    record(Phase.FORWARD, "head", MATMUL);
    assertThat(scrape())
        .contains("ergometer_layer_flops_total{layer=\"head\",phase=\"forward\"} 60.0")
        .contains("ergometer_layer_flops_total{layer=\"head\",phase=\"evaluation\"} 0.0")
        .doesNotContain("layer=\"tail\"");

    record(Phase.EVALUATION, "head", MATMUL);
    record(Phase.FORWARD, "tail", MATMUL);
    assertThat(scrape())
        .contains("ergometer_layer_flops_total{layer=\"tail\",phase=\"forward\"} 60.0")
        .contains("ergometer_layer_flops_total{layer=\"head\",phase=\"evaluation\"} 60.0")
        .contains("ergometer_layer_flops_total{layer=\"head\",phase=\"forward\"} 60.0");
  }

  @Test
  void valuesOfOneScrapeAreOfOneInstant() {
    progress.continueFrom(BigInteger.ZERO, 0, 0);
    record(Phase.FORWARD, "head", MATMUL);

    String text =
        metrics.scrape(
            () -> {
              record(Phase.FORWARD, "head", MATMUL);
              return registry.scrape();
            });

    assertThat(text)
        .contains("{dtype=\"float32\",op_class=\"matmul\",phase=\"forward\"} 60.0")
        .contains("{layer=\"head\",phase=\"forward\"} 60.0")
        .contains("ergometer_run_flops 60.0");
  }

  @Test
  void valuesSurviveAGarbageCollection() {
    record(Phase.FORWARD, "head", MATMUL);
    metrics.refresh();
    System.gc();

    assertThat(registry.scrape())
        .contains("ergometer_layer_flops_total{layer=\"head\",phase=\"forward\"} 60.0");
  }

  @Test
  void aGaugeThatIsUnknownAgainDisappears() {
    progress.advance(0.5, OptionalDouble.of(10));
    assertThat(scrape()).contains("ergometer_estimated_remaining_seconds 10.0");

    progress.advance(0.6, OptionalDouble.empty());
    assertThat(scrape())
        .contains("ergometer_progress_ratio 0.6")
        .doesNotContain("ergometer_estimated_remaining_seconds");

    progress.advance(0.7, OptionalDouble.of(5));
    assertThat(scrape()).contains("ergometer_estimated_remaining_seconds 5.0");
  }

  @Test
  void aRunThatEndedBeforeItsTimeHasNoMoreToGo() {
    progress.status("running");
    progress.advance(0.5, OptionalDouble.of(10));
    progress.ended("interrupted");

    assertThat(scrape())
        .contains(
            "ergometer_estimated_remaining_seconds 0.0",
            "ergometer_run_status{status=\"interrupted\"} 1.0")
        .doesNotContain("running\"");
  }

  /** A cast reads 12 bytes and writes 8; without it, nothing moves. */
  @Test
  void bytesThatPrecisionCostsAreANegativeGauge() {
    assertThat(scrape()).doesNotContain("precision_saved", "loss_scale");

    record(Phase.BACKWARD, "head", CAST);
    progress.lossScale(1024);

    assertThat(scrape())
        .contains("# TYPE ergometer_precision_saved_bytes gauge")
        .contains("ergometer_precision_saved_bytes{phase=\"backward\"} -20.0")
        .contains("ergometer_loss_scale 1024.0");
  }

  @Test
  void totalsPastTwoToThe63AreShown() {
    OpRule huge = rule("matmul", OpClass.MATMUL, Long.MAX_VALUE);
    record(Phase.FORWARD, "head", huge);
    record(Phase.FORWARD, "head", huge);
    progress.continueFrom(BigInteger.ZERO, 0, 0);

    assertThat(scrape()).contains("ergometer_run_flops 1.8446744073709552E19");
  }

  @Test
  void phaseDurationsHaveTheirPhase() {
    progress.phaseDone(Phase.UPDATE, 3_000_000);

    assertThat(scrape())
        .contains("ergometer_phase_duration_seconds_bucket{phase=\"update\",le=\"0.005\"} 1")
        .contains("ergometer_phase_duration_seconds_count{phase=\"update\"} 1")
        .contains("ergometer_phase_duration_seconds_count{phase=\"evaluation\"} 0");
  }

  @Test
  void utilizationIsAbsentUntilThePeakIsKnown() {
    assertThat(scrape()).doesNotContain("peak", "utilization");

    progress.peak(new Peak(5e10, MatrixType.FLOAT32, Peak.Origin.MEASURED, "a test"));
    progress.utilized(new Utilization(0.5, 0.4, 0.625));

    assertThat(scrape())
        .contains(
            "ergometer_peak_flops_per_second{dtype=\"float32\",source=\"measured\"} 5.0E10",
            "ergometer_model_flops_utilization_ratio 0.5",
            "ergometer_hardware_flops_utilization_ratio 0.625");
  }

  @Test
  void namesInPrometheusAreThoseThatTheTableSays() {
    everyMetricOnce();
    String text = scrape();
    for (Metric metric : Metric.values()) {
      assertThat(text).contains("# HELP " + metric.prometheusName() + " " + metric.help());
    }
  }

  private void everyMetricOnce() {
    record(Phase.FORWARD, "head", MATMUL);
    record(Phase.OTHER, "none", UNKNOWN);
    record(Phase.FORWARD, "head", CAST);
    progress.lossScale(65_536);
    progress.identify(Map.of("run_id", "r1"));
    progress.device(Map.of("cpu", "a fast one"));
    progress.reconciled(Map.of("residual", BigInteger.ZERO));
    progress.status("running");
    progress.continueFrom(BigInteger.ZERO, 0, 0);
    progress.predicted(Map.of(Phase.FORWARD, BigInteger.ONE));
    progress.stepDone(new Step(Outcome.APPLIED, 12, 4.5, 0.001, 2.5, 30_000_000));
    progress.phaseDone(Phase.FORWARD, 1);
    progress.peak(new Peak(5e10, MatrixType.FLOAT32, Peak.Origin.MEASURED, "a test"));
    progress.utilized(new Utilization(0.5, 0.4, 0.6));
    progress.advance(0.25, OptionalDouble.of(90));
    progress.energy(ErgometerMetricsTest::energy);
  }

  @Test
  void aStepDoesNotWaitForSensorsThatAScrapeAsks() {
    progress.energy(
        () -> {
          CompletableFuture.runAsync(() -> progress.evaluated(7, 2.5)) // as the training does
              .orTimeout(60, TimeUnit.SECONDS)
              .join();
          return energy();
        });

    metrics.refresh();

    assertThat(registry.scrape()).contains("ergometer_tokens_total{split=\"validation\"} 7.0");
  }

  /** 2.5 J of which 1.5 J are the forward pass's, metered for 10 s and covered for 8 s. */
  private static EnergyState energy() {
    DomainEnergy domain =
        new DomainEnergy(
            new EnergyDomain("cpu", "package-0", EnergyMethod.RAPL, "a package"),
            10,
            8,
            Map.of("forward", 1_500_000L, "idle", 1_000_000L),
            Map.of(),
            Map.of(),
            Map.of(DropReason.UNREADABLE, 3L));
    Forecast.Range range = new Forecast.Range(1, 2, 3);
    return new EnergyState(
        new EnergySnapshot(List.of(domain)),
        Footprint.of(
            2.5,
            PowerUsageEffectiveness.NONE,
            new CarbonIntensity(0.36, "a test"),
            Cost.ofDeviceHours(2, 3)),
        1.5,
        new Forecast(50, range, 1e12, range, range, range));
  }

  @Test
  void energyIsShownByDomainAndPhaseAndIsAbsentWhileUnknown() {
    assertThat(scrape()).doesNotContain("energy", "co2e", "cost", "forecast");

    progress.energy(ErgometerMetricsTest::energy);

    assertThat(scrape())
        .contains(
            "ergometer_energy_joules_total{device=\"cpu\",domain=\"package-0\",method=\"rapl\"} 2.5",
            "ergometer_phase_energy_joules_total{method=\"rapl\",phase=\"forward\"} 1.5",
            "ergometer_phase_energy_joules_total{method=\"rapl\",phase=\"evaluation\"} 0.0",
            "ergometer_energy_coverage_ratio{domain=\"package-0\"} 0.8",
            "ergometer_cost_usd_total 6.0",
            "ergometer_run_energy_joules 1.5",
            "ergometer_forecast_seconds{bound=\"high\"} 3.0")
        // 2.5 J / 3.6e6 J/kWh · 360 g/kWh
        .contains("ergometer_emissions_co2e_grams_total 2.5E-4");
  }

  private static List<String> golden() throws IOException {
    try (InputStream text =
        requireNonNull(ErgometerMetricsTest.class.getResourceAsStream("small-run.txt"))) {
      return new String(text.readAllBytes(), UTF_8).lines().toList();
    }
  }

  private String scrape() {
    return metrics.scrape(registry::scrape);
  }

  private void record(Phase phase, String layer, OpRule rule) {
    try (Scope scope = Scope.enter(phase, layer)) {
      ledger.record(scope, rule, new VectorOp(rule));
    }
  }

  private static OpRule rule(String name, OpClass opClass, long flops) {
    return OpRule.of(OpFamily.CUSTOM, name, opClass, op -> flops, "a test's");
  }

  /** One vector of 3 floats in, one of 2 out: 12 bytes read, 8 written. */
  private record VectorOp(OpRule rule) implements OpDescriptor {

    @Override
    public OpFamily family() {
      return rule.family();
    }

    @Override
    public String name() {
      return rule.name();
    }

    @Override
    public int inputCount() {
      return 1;
    }

    @Override
    public TensorSpec input(int index) {
      return Tensor.of(ElementType.FLOAT32, 3);
    }

    @Override
    public int outputCount() {
      return 1;
    }

    @Override
    public TensorSpec output(int index) {
      return Tensor.of(ElementType.FLOAT32, 2);
    }

    @Override
    public int integerArgumentCount() {
      return 0;
    }

    @Override
    public long integerArgument(int index) {
      throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int realArgumentCount() {
      return 0;
    }

    @Override
    public double realArgument(int index) {
      throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int booleanArgumentCount() {
      return 0;
    }

    @Override
    public boolean booleanArgument(int index) {
      throw new IndexOutOfBoundsException(index);
    }
  }
}
