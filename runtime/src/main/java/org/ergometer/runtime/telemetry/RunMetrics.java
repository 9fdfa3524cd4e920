package org.ergometer.runtime.telemetry;

import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.metrics.ErgometerMetrics;
import org.ergometer.accounting.metrics.TrainingProgress;

/** The meters of a process in Prometheus' format: those of the run, the JVM and the processor. */
public final class RunMetrics {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final PrometheusMeterRegistry runRegistry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ErgometerMetrics run;

  /** A meter that cannot be registered is an error here, not a line in a log. */
  public RunMetrics(Ledger ledger, TrainingProgress progress) {
    registry.throwExceptionOnRegistrationFailure();
    // Against Prometheus' rules for names, and known otherwise: process_cpu_seconds_total.
    registry
        .config()
        .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
        .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
    run = new ErgometerMetrics(ledger, progress);
    run.bindTo(registry);
    runRegistry.throwExceptionOnRegistrationFailure();
    run.bindTo(runRegistry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    ProcessMetrics.builder().register(registry.getPrometheusRegistry());
  }

  /** The meters of the run alone, in the text format: node-exporter has a process of its own. */
  public String runText() {
    return run.scrape(runRegistry::scrape);
  }

  /** All meters as text in the format of a content type, those of the run from one instant. */
  public String scrape(String contentType) {
    return run.scrape(() -> registry.scrape(contentType));
  }
}
