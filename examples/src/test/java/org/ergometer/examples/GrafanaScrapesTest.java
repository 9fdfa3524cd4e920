package org.ergometer.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.ergometer.accounting.metrics.Metric;
import org.ergometer.accounting.reconcile.Cause;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Panels, records and alerts on a healthy run with every metric there is, scraped as in our own
 * {@code prometheus.yml} and as Prometheus does by default. promtool evaluates them.
 */
class GrafanaScrapesTest {

  private static final YAMLMapper YAML = new YAMLMapper();
  private static final int SCRAPES = 720;

  /** What a run shows only where something is amiss. */
  private static final Metric AMISS = Metric.UNACCOUNTED_OPS;

  /** Every value that matters to a query; of other labels one will do. */
  private static final Map<String, List<String>> VALUES =
      Map.of(
          "phase", List.of("forward", "backward", "recompute", "update", "evaluation", "other"),
          "op_class", List.of("matmul", "softmax"),
          "outcome", List.of("applied"),
          "split", List.of("train", "validation"),
          "method", List.of("rapl"),
          "status", List.of("running"),
          "cause", causes());

  @TempDir private Path folder = Path.of("");

  private static List<String> causes() {
    return Stream.concat(Arrays.stream(Cause.values()).map(Cause::label), Stream.of("residual"))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 60})
  void everyPanelAndRecordShowsSomething(int seconds) throws Exception {
    List<String> queries = new ArrayList<>();
    GrafanaStack.panelQueries().forEach(query -> queries.add(asked(query.expression(), seconds)));
    GrafanaStack.rules("record").forEach(query -> queries.add(query.place()));
    ObjectNode test = healthyRun(seconds);
    ArrayNode asked = test.putArray("promql_expr_test");
    for (String query : queries) {
      asked
          .addObject()
          .put("expr", "count(%s) > bool 0".formatted(query))
          .put("eval_time", SCRAPES / 2 * seconds + "s")
          .putArray("exp_samples")
          .addObject()
          .put("labels", "{}")
          .put("value", 1);
    }

    assertThat(queries).hasSizeGreaterThan(60);
    assertPasses(test);
  }

  /** As Grafana does where the data source knows how often Prometheus scrapes. */
  private static String asked(String expression, int seconds) {
    return expression.replace("$instance", ".*").replace("$__rate_interval", 4 * seconds + "s");
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 60})
  void noCauseRaisesAnAlert(int seconds) throws Exception {
    ObjectNode test = healthyRun(seconds);
    ArrayNode alerts = test.putArray("alert_rule_test");
    List<GrafanaStack.Query> rules = GrafanaStack.rules("alert");
    for (GrafanaStack.Query rule : rules) {
      for (int scrape = SCRAPES / 4; scrape < SCRAPES; scrape += SCRAPES / 4) {
        alerts
            .addObject()
            .put("eval_time", scrape * seconds + "s")
            .put("alertname", rule.place())
            .putArray("exp_alerts");
      }
    }

    assertThat(rules).hasSizeGreaterThan(7);
    assertPasses(test);
  }

  /** Work that nothing explains is told of, however little it is. */
  @Test
  void aResidualRaisesTheAlert() throws Exception {
    ObjectNode test = YAML.createObjectNode().put("interval", "1m");
    ArrayNode series = test.putArray("input_series");
    add(series, "ergometer_reconciliation_flops", "cause=\"residual\"", "-1+0x60");
    add(series, "ergometer_reconciliation_flops", "cause=\"causal_skip\"", "-1+0x60");
    ObjectNode fires =
        test.putArray("alert_rule_test")
            .addObject()
            .put("eval_time", "30m")
            .put("alertname", "ErgometerMeasuredIsNotPredicted")
            .putArray("exp_alerts")
            .addObject();
    fires.putObject("exp_labels").put("severity", "warning").put("job", "e").put("instance", "i");
    fires
        .putObject("exp_annotations")
        .put("summary", "-1 FLOPs of i are neither predicted nor of a cause");

    assertPasses(test);
  }

  private void assertPasses(ObjectNode test) throws Exception {
    InstalledProgram promtool = InstalledProgram.require("prometheus", "promtool");
    ObjectNode root = YAML.createObjectNode();
    root.putArray("rule_files").add("" + GrafanaStack.RULES.toAbsolutePath());
    root.putArray("tests").add(test);
    Files.writeString(folder.resolve("test.yml"), YAML.writeValueAsString(root));

    InstalledProgram.Ended ended = promtool.run(folder, "test", "rules", "test.yml");
    assertThat(ended.status()).as(ended.output()).isZero();
  }

  /** Counters that grow, gauges that stay; what causes add or spare is large, the residual is 0. */
  private static ObjectNode healthyRun(int seconds) {
    ObjectNode test = YAML.createObjectNode().put("interval", seconds + "s");
    ArrayNode series = test.putArray("input_series");
    for (Metric metric : Metric.values()) {
      if (metric != AMISS) {
        add(series, metric);
      }
    }
    return test;
  }

  private static void add(ArrayNode series, Metric metric) {
    List<String> labelled = List.of("");
    for (String label : metric.labels()) {
      List<String> longer = new ArrayList<>();
      for (String before : labelled) {
        for (String value : VALUES.getOrDefault(label, List.of("any"))) {
          longer.add("%s%s=\"%s\", ".formatted(before, label, value));
        }
      }
      labelled = longer;
    }
    for (String labels : labelled) {
      String name = metric.prometheusName();
      switch (metric.kind()) {
        case COUNTER -> add(series, name, labels, counter(metric));
        case GAUGE -> add(series, name, labels, gauge(labels));
        case TIMER -> {
          add(series, name + "_bucket", labels + "le=\"0.1\"", "0+4x" + SCRAPES);
          add(series, name + "_bucket", labels + "le=\"+Inf\"", "0+5x" + SCRAPES);
          add(series, name + "_count", labels, "0+5x" + SCRAPES);
          add(series, name + "_sum", labels, "0+1x" + SCRAPES);
        }
      }
    }
  }

  /** What counts faults stays at 0. */
  private static String counter(Metric metric) {
    return (metric == Metric.ACCOUNTING_ERRORS ? "0+0x" : "0+7x") + SCRAPES;
  }

  private static String gauge(String labels) {
    String value = labels.contains("residual") ? "0" : labels.contains("cause") ? "-1e12" : "1";
    return value + "+0x" + SCRAPES;
  }

  private static void add(ArrayNode series, String name, String labels, String values) {
    series
        .addObject()
        .put("series", "%s{job=\"e\", instance=\"i\", %s}".formatted(name, labels))
        .put("values", values);
  }
}
