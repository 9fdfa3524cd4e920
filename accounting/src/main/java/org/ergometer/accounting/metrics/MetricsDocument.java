package org.ergometer.accounting.metrics;

import java.util.List;
import java.util.stream.Collectors;

/** The text of {@code docs/metrics.md}: every {@link Metric} with type, labels and meaning. */
public final class MetricsDocument {

  private static final String INTRODUCTION =
      """
      # Metrics

      This file is printed from `accounting/…/metrics/Metric.java`; a test holds the two equal.

      Counters start at 0 with each process and only grow, so that `rate` and `increase` are right over a resume; the `run`
      gauges are of the whole run, resumed parts included. What evaluations and samples take is 0 from the first step on. A value that
      is not known is absent, not 0. All values of one scrape are of one instant: the phases of `ergometer_flops_total` and those of `ergometer_layer_flops_total` have the same sum.
      Identities (run, model, data, machine) are labels of the `info` metrics only; join them with
      `* on (instance, job) group_left (run_id) ergometer_run_info`.

      """;

  private static final String REST =
      """

      Metrics of the JVM (`jvm_…`), of the processor (`system_…`) and of the process (`process_…`, resident memory among
      them) are beside these.

      Formats: Prometheus' text 0.0.4, or OpenMetrics 1.0 where `Accept` prefers it; gzip where `Accept-Encoding` has it.
      """;

  private MetricsDocument() {}

  /** The whole document. */
  public static String text() {
    return List.of(Metric.values()).stream()
        .map(MetricsDocument::row)
        .collect(
            Collectors.joining(
                "\n",
                INTRODUCTION + "| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n",
                "\n" + REST));
  }

  private static String row(Metric metric) {
    String labels =
        metric.freeLabels()
            ? "identities"
            : metric.labels().stream()
                .map(label -> "`" + label + "`")
                .collect(Collectors.joining(", "));
    return "| `%s` | %s | %s | %s |"
        .formatted(metric.prometheusName(), type(metric), labels, metric.help());
  }

  private static String type(Metric metric) {
    return switch (metric.kind()) {
      case COUNTER -> "counter";
      case GAUGE -> "gauge";
      case TIMER -> "histogram";
    };
  }
}
