package org.ergometer.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ergometer.accounting.metrics.Metric;
import org.junit.jupiter.api.Test;

/** Dashboards and rules ask for what is exported, and the rules do what their own tests say. */
class GrafanaTest {

  private static final Pattern NAME = Pattern.compile("ergometer[_:][a-z0-9_:]+");
  private static final Pattern RECORD = Pattern.compile("(?m)record: (\\S+)$");

  @Test
  void everyQueryAsksForMetricsThatThereAre() throws IOException {
    Set<String> known = exported();
    RECORD.matcher(rules()).results().forEach(record -> known.add(record.group(1)));

    for (String query : queries()) {
      assertThat(names(query)).as(query).isNotEmpty().isSubsetOf(known);
    }
    assertThat(names(rules())).isNotEmpty().isSubsetOf(known);
  }

  @Test
  void everyLabelOfAQueryIsOneOfItsMetrics() throws IOException {
    Set<String> labels = new HashSet<>(Set.of("instance", "job", "le", "run_id", "model"));
    for (Metric metric : Metric.values()) {
      labels.addAll(metric.labels());
    }
    Pattern matcher = Pattern.compile("([a-z_]+)(?:=~|!=|=)\"");
    Pattern grouping = Pattern.compile("(?:by|on|group_left) \\(([^)]*)\\)");
    for (String query : queries()) {
      assertThat(matcher.matcher(query).results().map(found -> found.group(1)))
          .as(query)
          .allSatisfy(label -> assertThat(labels).contains(label));
      assertThat(
              grouping
                  .matcher(query)
                  .results()
                  .flatMap(found -> Arrays.stream(found.group(1).split(", "))))
          .as(query)
          .allSatisfy(label -> assertThat(labels).contains(label));
    }
  }

  @Test
  void everyPanelHasAPlaceOfItsOwnAndTheProvisionedDataSource() throws IOException {
    for (JsonNode dashboard : GrafanaStack.dashboards()) {
      Set<String> taken = new HashSet<>();
      for (JsonNode panel : dashboard.path("panels")) {
        String title = dashboard.path("title").asText() + ": " + panel.path("title").asText();
        JsonNode place = panel.path("gridPos");
        int right = place.path("x").asInt() + place.path("w").asInt();
        assertThat(right).as(title).isLessThanOrEqualTo(24);
        for (int x = place.path("x").asInt(); x < right; x++) {
          for (int y = 0; y < place.path("h").asInt(); y++) {
            assertThat(taken.add(x + "," + (place.path("y").asInt() + y))).as(title).isTrue();
          }
        }
        assertThat(panel.path("targets")).as(title).isNotEmpty();
        assertThat(panel.path("datasource").path("uid").asText()).isEqualTo("ergometer-prometheus");
      }
    }
    assertThat(
            Files.readString(
                GrafanaStack.FOLDER.resolve("provisioning/datasources/prometheus.yml")))
        .contains("uid: ergometer-prometheus");
  }

  @Test
  void rulesPassTheirOwnTests() throws Exception {
    InstalledProgram promtool = InstalledProgram.require("prometheus", "promtool");

    for (String arguments : List.of("check config prometheus.yml", "test rules rules-test.yml")) {
      InstalledProgram.Ended ended = promtool.run(GrafanaStack.FOLDER, arguments.split(" "));
      assertThat(ended.status()).as(ended.output()).isZero();
    }
  }

  private static Set<String> exported() {
    Set<String> names = new HashSet<>();
    for (Metric metric : Metric.values()) {
      names.add(metric.prometheusName());
      if (metric.kind() == Metric.Kind.TIMER) {
        Stream.of("_bucket", "_sum", "_count")
            .forEach(suffix -> names.add(metric.prometheusName() + suffix));
      }
    }
    return names;
  }

  private static Set<String> names(String text) {
    String code =
        text.lines().filter(line -> !line.contains("name:")).collect(Collectors.joining("\n"));
    return NAME.matcher(code).results().map(found -> found.group()).collect(Collectors.toSet());
  }

  private static String rules() throws IOException {
    return Files.readString(GrafanaStack.RULES);
  }

  private static List<String> queries() throws IOException {
    List<String> queries =
        GrafanaStack.panelQueries().stream().map(GrafanaStack.Query::expression).toList();
    assertThat(queries).hasSizeGreaterThan(40);
    return queries;
  }
}
