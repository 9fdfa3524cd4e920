package org.ergometer.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.ergometer.accounting.reconcile.Cause;
import org.ergometer.examples.PrometheusServer.Point;
import org.ergometer.examples.PrometheusServer.Series;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a real Prometheus knows of a real run that it scraped every second: until the run was
 * killed, when another process went on with it, and when it was over.
 */
class PrometheusTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final double WATTS = 43;
  private static final int FORECAST_AFTER = 60;
  private static final int FEWEST_SCRAPES = 8;

  /** Whether two data types can be had, and with them a loss that is scaled. */
  private static final boolean MIXED =
      System.getProperty("os.name").equals("Linux")
          && System.getProperty("os.arch").equals("amd64");

  /** What a run shows only where something is amiss, and their own tests hold. */
  private static final Set<String> ONLY_IN_TROUBLE = Set.of("ergometer_unaccounted_ops_total");

  /**
   * Causes that this run has not: a scaled loss's gradient is scaled anyway, another loss is never
   * skipped, and the process may have been killed just after it saved.
   */
  private static final Set<Cause> WITHOUT =
      Set.of(MIXED ? Cause.CLIPPING : Cause.SKIPPED, Cause.REDONE);

  private static final Pattern SELECTOR =
      Pattern.compile("(ergometer[_:][a-z0-9_:]+)(\\{[^}]*\\})?");

  private static @Nullable PrometheusServer prometheus;
  private static Path run = Path.of("");
  private static int stepsBefore;
  private static int steps;
  private static double killed;
  private static double ended;
  private static String page = "";
  private static String lastScrape = "";

  /** All samples of the run's own metrics. */
  private static List<Series> all = List.of();

  @BeforeAll
  static void trainUnderAPrometheus(@TempDir Path folder) throws Exception {
    InstalledProgram program = InstalledProgram.require("prometheus", "prometheus");
    int port = PrometheusServer.freePort();
    run = folder.resolve("run");
    PrometheusServer server = PrometheusServer.start(program, folder, configuration(port));
    prometheus = server;
    String[] options = options(folder, port);

    try (ErgometerProcess first = ErgometerProcess.start(folder.resolve("first.txt"), options)) {
      ErgometerProcess.await("a run that is well under way", () -> isUnderWay(first));
      first.kill();
    }
    killed = now();
    List<String> log = Files.readAllLines(run.resolve("log.jsonl"));
    steps = MAPPER.readTree(log.get(log.size() - 1)).path("step").asInt() + 4 * FORECAST_AFTER;

    String[] more =
        ("train --resume-with-changes --metrics-linger 600 --steps " + steps + " --run " + run)
            .split(" ");
    try (ErgometerProcess second = ErgometerProcess.start(folder.resolve("second.txt"), more)) {
      page = second.page();
      ErgometerProcess.await(
          "the end of the run",
          () -> isAlive(second) && second.printed().contains("page and metrics stay up"));
      double over = now();
      ErgometerProcess.await(
          "a scrape of what is left",
          () -> scrapes("timestamp(ergometer_progress_ratio == 1) > " + (over + 2)));
      stepsBefore = stepsBefore(second.printed());
      lastScrape = text(page + "metrics");
      // That of a scrape: a later one that fails, on a busy machine, makes all series stale.
      ended = server.query("ergometer_progress_ratio[1m]", now()).get(0).last().time();
      all = server.query("{__name__=~\"ergometer_.*\"}[1h]", ended);
      second.terminate();
      assertThat(second.status()).as(second.printed()).isZero();
      assertThat(second.printed()).endsWith("the run is over; page and metrics go down\n");
    }
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (prometheus != null) {
      prometheus.close();
    }
  }

  private static String configuration(int port) throws Exception {
    String configuration = Files.readString(GrafanaStack.FOLDER.resolve("prometheus.yml"));
    for (Map.Entry<String, String> change :
        Map.of(
                "scrape_interval: 5s",
                "scrape_interval: 1s",
                "evaluation_interval: 15s",
                "evaluation_interval: 1s",
                "127.0.0.1:9464",
                "127.0.0.1:" + port,
                "- rules.yml",
                "- " + GrafanaStack.RULES.toAbsolutePath())
            .entrySet()) {
      assertThat(configuration).contains(change.getKey());
      configuration = configuration.replace(change.getKey(), change.getValue());
    }
    return configuration;
  }

  /**
   * With a known power, prices, two data types and every cause there is, so that all is shown: a
   * context that hides work, batches that are added up, attention done again, and a scale of the
   * loss at which first steps are skipped.
   */
  private static String[] options(Path folder, int port) throws Exception {
    Path power =
        Files.writeString(
            folder.resolve("power.csv"), "time,wall\n0,0\n36000," + 36000 * WATTS + "\n");
    Path text =
        Files.writeString(
            folder.resolve("text.txt"), "It was the best of times, it was the worst. ".repeat(200));
    return ("train --layers 2 --width 32 --heads 2 --context 128 --batch 2 --accumulate 2"
            + " --recompute attention --steps 1M --warmup 5 --eval-every 20 --eval-batches 1 --save-every 25 --peak 1e12 --precision "
            + (MIXED ? "mixed-float16 --loss-scale 2^40" : "float32")
            + " --idle-seconds 1 --intensity 0.4 --energy-price 0.3 --price 1 --energy-replay "
            + power
            + " --metrics-port "
            + port
            + " --data "
            + text
            + " --run "
            + run)
        .split(" ");
  }

  private static boolean isUnderWay(ErgometerProcess process) throws Exception {
    return isAlive(process)
        && scrapes("ergometer_steps_total{outcome=\"applied\"} > " + FORECAST_AFTER)
        && scrapes("count_over_time(ergometer_tokens_total[1h]) >= " + FEWEST_SCRAPES)
        && scrapes("ergometer_forecast_energy_joules")
        && scrapes("ergometer_loss{split=\"validation\"}")
        && Files.exists(run.resolve("checkpoints/last/model.zip"));
  }

  private static boolean isAlive(ErgometerProcess process) throws Exception {
    assertThat(process.isAlive()).as(process.printed()).isTrue();
    return true;
  }

  private static boolean scrapes(String expression) throws Exception {
    return !server().query(expression).isEmpty();
  }

  private static int stepsBefore(String printed) {
    return Pattern.compile("going on after step (\\d+)")
        .matcher(printed)
        .results()
        .mapToInt(found -> Integer.parseInt(found.group(1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(printed));
  }

  private static PrometheusServer server() {
    return Objects.requireNonNull(prometheus, "started before all tests");
  }

  private static double now() {
    return System.currentTimeMillis() / 1000.0;
  }

  private static String text(String address) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString(UTF_8))
        .body();
  }

  @Test
  void everyPanelShowsSomething() throws Exception {
    List<GrafanaStack.Query> queries = GrafanaStack.panelQueries();
    assertThat(queries).hasSizeGreaterThan(40);
    List<String> empty = new ArrayList<>();
    for (GrafanaStack.Query query : queries) {
      String expression =
          query.expression().replace("$instance", ".*").replace("$__rate_interval", "20s");
      boolean there = MIXED || !expression.contains("ergometer_loss_scale");
      if (there && isEmpty(server().query(expression, ended))) {
        empty.add(query.place() + "  " + expression);
      }
    }
    assertThat(empty).isEmpty();
  }

  private static boolean isEmpty(List<Series> answer) {
    return answer.stream().noneMatch(series -> Double.isFinite(series.last().value()));
  }

  @Test
  void everyRuleRecordsOrWatchesSomething() throws Exception {
    List<String> empty = new ArrayList<>();
    for (GrafanaStack.Query rule : GrafanaStack.rules("record")) {
      if (isEmpty(server().query("last_over_time(%s[1m])".formatted(rule.place()), ended))) {
        empty.add(rule.place());
      }
    }
    for (GrafanaStack.Query rule : GrafanaStack.rules("alert")) {
      List<String> selectors =
          SELECTOR.matcher(rule.expression()).results().map(found -> found.group()).toList();
      assertThat(selectors).as(rule.place()).isNotEmpty();
      for (String selector : selectors) {
        if (!ONLY_IN_TROUBLE.contains(selector) && isEmpty(server().query(selector, ended))) {
          empty.add(rule.place() + "  " + selector);
        }
      }
    }
    assertThat(empty).isEmpty();
  }

  @Test
  void allRulesWorkAndNoneRaisesAnAlert() throws Exception {
    int rules = 0;
    for (JsonNode group : server().data("/api/v1/rules").path("groups")) {
      for (JsonNode rule : group.path("rules")) {
        rules++;
        assertThat(rule.path("health").asText()).as(rule.toString()).isEqualTo("ok");
        assertThat(rule.path("state").asText()).as(rule.toString()).isNotEqualTo("firing");
      }
    }
    assertThat(rules)
        .isEqualTo(GrafanaStack.rules("record").size() + GrafanaStack.rules("alert").size());
  }

  @Test
  void countersOnlyGrowInAProcessAndStartAgainInTheNext() throws Exception {
    List<Series> counters = all.stream().filter(PrometheusTest::isCounter).toList();
    assertThat(counters).hasSizeGreaterThan(50);
    for (Series counter : counters) {
      assertNeverFalls(counter.within(0, killed));
      assertNeverFalls(counter.within(killed, ended));
      double counted =
          last(counter.within(0, killed)) + last(counter.within(killed, ended)); // starting at 0
      // Prometheus goes on to the borders of its window: not two mean intervals of scrapes in all.
      double extrapolation = 2.0 / Math.max(1, counter.points().size() - 1);
      assertThat(increase(counter))
          .as(counter.labels().toString())
          .isLessThanOrEqualTo((1 + extrapolation) * counted + 1);
    }
    assertThat(
            lastOf("ergometer_steps_total", "outcome", "applied")
                + lastOf("ergometer_steps_total", "outcome", "skipped"))
        .isEqualTo(steps - stepsBefore);
    double second = ended - killed;
    assertThat(lastOf("ergometer_energy_joules_total", "method", "replay"))
        .isPositive()
        .isLessThan(WATTS * second);
  }

  private static boolean isCounter(Series series) {
    return Pattern.matches(".*_(total|bucket|sum|count)", series.name());
  }

  private static void assertNeverFalls(Series series) {
    double before = 0;
    for (Point point : series.points()) {
      assertThat(point.value()).as(series.labels().toString()).isGreaterThanOrEqualTo(before);
      before = point.value();
    }
  }

  private static double last(Series series) {
    return series.points().isEmpty() ? 0 : series.last().value();
  }

  private static double increase(Series counter) throws Exception {
    StringBuilder selector = new StringBuilder();
    counter
        .labels()
        .properties()
        .forEach(
            label ->
                selector.append(label.getKey()).append('=').append(label.getValue()).append(','));
    List<Series> increase = server().query("increase({%s}[1h])".formatted(selector), ended);
    return increase.isEmpty() ? 0 : increase.get(0).last().value(); // one sample has none
  }

  private static double lastOf(String name, String label, String value) {
    return all.stream()
        .filter(series -> series.name().equals(name) && series.label(label).equals(value))
        .mapToDouble(series -> last(series.within(killed, ended)))
        .sum();
  }

  @Test
  void inEveryScrapeThePartsAddUpToTheTotalOfTheRun() {
    Map<Double, Double> flops = sums("ergometer_flops_total");
    Map<Double, Double> layers = sums("ergometer_layer_flops_total");
    Map<Double, Double> ofRun = sums("ergometer_run_flops");
    assertThat(flops).hasSizeGreaterThan(FEWEST_SCRAPES);

    assertThat(layers).isEqualTo(flops);
    List<Double> earlier = new ArrayList<>();
    ofRun.forEach(
        (time, total) -> {
          if (time > killed) {
            earlier.add(total - flops.getOrDefault(time, 0.0));
          }
        });
    // What the process before had counted and written down: one number, in each scrape the same.
    assertThat(Set.copyOf(earlier)).hasSize(1);
    assertThat(earlier.get(0)).isPositive();
  }

  private static Map<Double, Double> sums(String name) {
    Map<Double, Double> sums = new TreeMap<>();
    for (Series series : all) {
      if (series.name().equals(name)) {
        series.points().forEach(point -> sums.merge(point.time(), point.value(), Double::sum));
      }
    }
    return sums;
  }

  @Test
  void theLastScrapeHoldsWhatTheSummarySays() throws Exception {
    JsonNode summary = MAPPER.readTree(Files.readString(run.resolve("summary.json")));
    Map<String, Double> values = values(lastScrape);

    assertThat(values.get("ergometer_run_flops"))
        .isEqualTo(summary.path("flops").path("total").doubleValue());
    assertThat(values.get("ergometer_run_tokens")).isEqualTo(summary.path("tokens").doubleValue());
    assertThat(values.get("ergometer_run_skipped_steps"))
        .isEqualTo(summary.path("skipped_steps").doubleValue());
    assertThat(values.get("ergometer_run_status{status=\"completed\"}")).isEqualTo(1);
    assertThat(values.get("ergometer_reconciliation_flops{cause=\"residual\"}")).isZero();
    for (Cause cause : Cause.values()) {
      if (!WITHOUT.contains(cause)) {
        double shown =
            values.getOrDefault(
                "ergometer_reconciliation_flops{cause=\"%s\"}".formatted(cause.label()), 0.0);
        assertThat(cause == Cause.CAUSAL_SKIP ? -shown : shown).as(cause.label()).isPositive();
      }
    }
  }

  /**
   * The second process skipped nothing: of its steps all that lies between is the causal mask's.
   */
  @Test
  void whatIsPredictedIsOfTrainingAlone() {
    Map<String, Double> values = values(lastScrape);
    assertThat(values.keySet())
        .noneMatch(name -> name.matches("ergometer_predicted_flops_total.*(evaluation|other).*"));
    for (String phase : List.of("forward", "backward", "recompute")) {
      double matmul =
          values.entrySet().stream()
              .filter(entry -> entry.getKey().startsWith("ergometer_flops_total{"))
              .filter(entry -> entry.getKey().contains("op_class=\"matmul\""))
              .filter(entry -> entry.getKey().contains("phase=\"" + phase + "\""))
              .mapToDouble(Map.Entry::getValue)
              .sum();
      double predicted =
          values.getOrDefault(
              "ergometer_predicted_flops_total{phase=\"%s\"}".formatted(phase), 0.0);
      assertThat(matmul).isPositive().isBetween(0.5 * predicted, predicted);
    }
  }

  private static Map<String, Double> values(String scrape) {
    return scrape
        .lines()
        .filter(line -> !line.startsWith("#"))
        .collect(
            Collectors.toMap(
                line -> line.substring(0, line.lastIndexOf(' ')),
                line ->
                    Double.parseDouble(
                        line.substring(line.lastIndexOf(' ') + 1).replace("+Inf", "Infinity"))));
  }

  @Test
  void promtoolHasNothingToSay(@TempDir Path folder) throws Exception {
    InstalledProgram promtool = InstalledProgram.require("prometheus", "promtool");
    Path metrics = Files.writeString(folder.resolve("metrics.txt"), lastScrape);
    Process process =
        new ProcessBuilder(promtool.command("check", "metrics"))
            .redirectInput(metrics.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(output).isEmpty();
    assertThat(process.waitFor()).isZero();
  }
}
