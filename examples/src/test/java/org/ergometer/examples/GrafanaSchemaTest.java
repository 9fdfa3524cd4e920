package org.ergometer.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Dashboards are of the types that Grafana publishes, of the version in {@code compose.yml}. npm
 * fetches them into {@code target}, and TypeScript's compiler holds the JSON against them.
 */
class GrafanaSchemaTest {

  private static final Path FOLDER = Path.of("target/grafana-schema").toAbsolutePath();
  private static final String SCHEMA = "@grafana/schema@11.3.0";
  private static final String TYPESCRIPT = "typescript@5.9.3";

  @BeforeAll
  static void fetch() throws Exception {
    InstalledProgram npm = InstalledProgram.require("npm", "npm");
    InstalledProgram.require("nodejs", "node");
    Files.createDirectories(FOLDER);
    try (InputStream types = GrafanaSchemaTest.class.getResourceAsStream("dashboard.ts")) {
      Files.copy(
          Objects.requireNonNull(types),
          FOLDER.resolve("dashboard.ts"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    if (Files.exists(FOLDER.resolve("node_modules/.package-lock.json"))) {
      return;
    }
    InstalledProgram.Ended ended =
        npm.run(
            FOLDER,
            ("install --no-save --ignore-scripts --no-audit --no-fund --prefix "
                    + FOLDER
                    + " "
                    + SCHEMA
                    + " "
                    + TYPESCRIPT)
                .split(" "));
    if (ended.status() != 0) {
      String reason = "npm cannot fetch " + SCHEMA + ": " + ended.output().strip();
      System.err.println("skipped: " + reason);
      abort(reason);
    }
  }

  @Test
  void theVersionIsTheOneThatComposeStarts() throws IOException {
    String version = SCHEMA.substring(SCHEMA.lastIndexOf('@') + 1);
    assertThat(Files.readString(GrafanaStack.FOLDER.resolve("compose.yml")))
        .contains("grafana/grafana:" + version);
  }

  @Test
  void everyDashboardIsOfGrafanasTypes() throws Exception {
    StringBuilder source = new StringBuilder();
    int number = 0;
    for (Path file : GrafanaStack.dashboardFiles()) {
      source.append(constant("dashboard" + number++, Files.readString(file)));
    }
    assertThat(number).isEqualTo(4);

    InstalledProgram.Ended ended = compile("dashboards", source.toString());

    assertThat(ended.output()).isEmpty();
    assertThat(ended.status()).isZero();
  }

  /** What nobody would see before Grafana shows a panel otherwise than meant, or not at all. */
  @Test
  void mistakesAreFound() throws Exception {
    String run =
        new JsonMapper()
            .readTree(
                Files.readString(GrafanaStack.FOLDER.resolve("dashboards/ergometer-run.json")))
            .toString();
    List<String[]> mistakes =
        List.of(
            new String[] {"\"drawStyle\":\"line\"", "\"drawStyle\":\"wave\""},
            new String[] {"\"spanNulls\":", "\"spanNuls\":"},
            new String[] {"\"type\":\"stat\"", "\"type\":\"state\""},
            new String[] {"\"refId\":", "\"ref\":"},
            new String[] {"\"schemaVersion\":39", "\"schemaVersion\":\"39\""});
    StringBuilder source = new StringBuilder();
    for (String[] mistake : mistakes) {
      assertThat(run).contains(mistake[0]);
      source.append(constant("a" + source.length(), run.replace(mistake[0], mistake[1])));
    }

    InstalledProgram.Ended ended = compile("mistakes", source.toString());

    // One constant a line, the first of them the second.
    for (int line = 2; line < 2 + mistakes.size(); line++) {
      assertThat(ended.output()).contains("mistakes.ts(%s,".formatted(line));
    }
  }

  private static String constant(String name, String json) {
    return "export const %s: Dashboard = %s;\n".formatted(name, json);
  }

  private static InstalledProgram.Ended compile(String name, String constants) throws Exception {
    Path file = FOLDER.resolve(name + ".ts");
    Files.writeString(file, "import type { Dashboard } from \"./dashboard\";\n" + constants);
    return InstalledProgram.require("nodejs", "node")
        .run(
            FOLDER,
            ("node_modules/typescript/bin/tsc --noEmit --strict --skipLibCheck --moduleResolution node --target es2020 "
                    + file.getFileName())
                .split(" "));
  }
}
