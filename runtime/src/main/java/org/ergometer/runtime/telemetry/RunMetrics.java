package org.ergometer.runtime.telemetry;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/** The meters of a process in Prometheus' format: those of the run, the JVM and the processor. */
public final class RunMetrics {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** Registers what {@code run} binds; a meter that cannot be registered is an error, not a log. */
  public RunMetrics(List<MeterBinder> run) {
    registry.throwExceptionOnRegistrationFailure();
    run.forEach(binder -> binder.bindTo(registry));
    new JvmMemoryMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
  }

  /** All meters as text in the format of a content type. */
  public String scrape(String contentType) {
    return registry.scrape(contentType);
  }
}
