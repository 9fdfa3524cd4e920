package org.ergometer.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What {@code examples/grafana} holds: the one source of every query that is tested. */
final class GrafanaStack {

  static final Path FOLDER = Path.of("grafana");
  static final Path RULES = FOLDER.resolve("rules.yml");

  private static final JsonMapper JSON = new JsonMapper();
  private static final YAMLMapper YAML = new YAMLMapper();

  private GrafanaStack() {}

  /** A query, and where it stands. */
  record Query(String place, String expression) {}

  static List<Path> dashboardFiles() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER.resolve("dashboards"))) {
      return files.sorted().toList();
    }
  }

  static List<JsonNode> dashboards() throws IOException {
    List<JsonNode> dashboards = new ArrayList<>();
    for (Path file : dashboardFiles()) {
      dashboards.add(JSON.readTree(Files.readString(file)));
    }
    return dashboards;
  }

  /** Every query of every panel. */
  static List<Query> panelQueries() throws IOException {
    List<Query> queries = new ArrayList<>();
    for (JsonNode dashboard : dashboards()) {
      for (JsonNode panel : dashboard.path("panels")) {
        String place = dashboard.path("title").asText() + ": " + panel.path("title").asText();
        for (JsonNode target : panel.path("targets")) {
          queries.add(new Query(place, target.path("expr").asText()));
        }
      }
    }
    return queries;
  }

  /** The rules of one kind, {@code record} or {@code alert}. */
  static List<Query> rules(String kind) throws IOException {
    List<Query> rules = new ArrayList<>();
    for (JsonNode group : YAML.readTree(Files.readString(RULES)).path("groups")) {
      for (JsonNode rule : group.path("rules")) {
        if (rule.has(kind)) {
          rules.add(new Query(rule.path(kind).asText(), rule.path("expr").asText()));
        }
      }
    }
    return rules;
  }
}
