package org.ergometer.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The page of a run as a browser shows it while the run goes on. Pictures of it are left in {@code
 * target/pages}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LivePageTest {

  private static final Path PICTURES = Path.of("target/pages");
  private static final int CHARTS = 8;
  private static final double WATTS = 43;
  private static final Map<String, Object> DESK = screen(1280, 900, 1, false);

  /** As narrow as phones are. */
  private static final int PHONE_WIDTH = 360;

  private static final Map<String, Object> PHONE = screen(PHONE_WIDTH, 780, 2, true);

  /** Contrast that WCAG 2.2 asks of text, success criterion 1.4.3. */
  private static final double LEAST_CONTRAST = 4.5;

  /** Of every chart, how many pixels have its first line's colour. */
  private static final String INK =
      """
      [...document.querySelectorAll('.plot')].map((plot) => {
        const canvas = plot.querySelector('canvas');
        const copy = document.createElement('canvas'); // a chart's own is not made to be read
        copy.width = canvas.width;
        copy.height = canvas.height;
        const context = copy.getContext('2d', { willReadFrequently: true });
        context.drawImage(canvas, 0, 0);
        const data = context.getImageData(0, 0, copy.width, copy.height).data;
        let ink = 0;
        for (let at = 0; at < data.length; at += 4) {
          const high = Math.max(data[at], data[at + 1], data[at + 2]);
          const low = Math.min(data[at], data[at + 1], data[at + 2]);
          if (data[at + 3] > 200 && high - low > 25) ink++;
        }
        return ink;
      })
      """;

  /** All texts that are seen with less contrast than they need. */
  private static final String PALE =
      """
      (() => {
        const light = ([r, g, b]) => {
          const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
          return 0.2126 * x + 0.7152 * y + 0.0722 * z;
        };
        const parts = (color) => color.match(/[\\d.]+/g).map(Number);
        const ground = (element) => {
          for (let at = element; at; at = at.parentElement) {
            const color = parts(getComputedStyle(at).backgroundColor);
            if (color.length === 3 || color[3] > 0) return color;
          }
          return [255, 255, 255];
        };
        const pale = [];
        for (const element of document.querySelectorAll('body *')) {
          const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
          if (!own || !element.checkVisibility() || ['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(element.tagName)) continue;
          const [one, other] = [light(parts(getComputedStyle(element).color)), light(ground(element))];
          const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
          if (contrast < %s) pale.push(element.tagName + ' ' + element.textContent.trim().slice(0, 30) + ' ' + contrast.toFixed(2));
        }
        return pale;
      })()
      """
          .formatted(LEAST_CONTRAST);

  /** What reaches beyond the screen's right side, but in a box that scrolls. */
  private static final String WIDE =
      """
      [...document.querySelectorAll('body *')]
        .filter((element) => !element.closest('.scroll') && !element.closest('.skip') && element.checkVisibility())
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
        .map((element) => element.tagName + '.' + element.className)
      """;

  /** Rows of the reconciliation: per cent of what was measured, and how wide the bar is. */
  private static final String CAUSES =
      """
      [...document.querySelectorAll('#reconciliation tbody tr')].map((row) => ({
        name: row.firstElementChild.textContent,
        share: parseFloat(row.lastElementChild.textContent),
        sum: row.className === 'sum',
        bar: Math.max(0, ...[...row.querySelectorAll('.stack i')].filter((part) => part.style.background)
          .map((part) => part.getBoundingClientRect().width)),
      }))
      """;

  private static @Nullable ErgometerProcess process;
  private static @Nullable Browser browser;
  private static String page = "";
  private static Path run = Path.of("");

  private static Map<String, Object> screen(int width, int height, int pixels, boolean mobile) {
    return Map.of("width", width, "height", height, "deviceScaleFactor", pixels, "mobile", mobile);
  }

  @BeforeAll
  static void trainAndBrowse(@TempDir Path folder) throws Exception {
    InstalledProgram chromium =
        InstalledProgram.require("chromium", "chromium", "chromium-browser");
    run = folder.resolve("run");
    Path power =
        Files.writeString(
            folder.resolve("power.csv"), "time,wall\n0,0\n36000," + 36000 * WATTS + "\n");
    process =
        ErgometerProcess.start(
            folder.resolve("run.txt"),
            ("train --layers 2 --width 32 --heads 2 --context 128 --batch 2 --steps 1M --warmup 5"
                    + " --eval-every 40 --eval-batches 1 --peak 1e12 --idle-seconds 0.5"
                    + " --intensity 0.4 --price 1 --metrics-port 0 --energy-replay "
                    + power
                    + " --run "
                    + run)
                .split(" "));
    browser = Browser.start(chromium, folder);
    page = process.page();
    Files.createDirectories(PICTURES);
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (process != null) {
      process.close();
    }
  }

  private static Browser.Tab open(String address, Map<String, Object> screen, String scheme)
      throws Exception {
    Browser.Tab tab =
        Objects.requireNonNull(browser, "started before all tests").open(address, screen, scheme);
    ErgometerProcess.await(
        "all charts are drawn",
        () -> tab.evaluate("document.querySelectorAll('.plot canvas').length").asInt() == CHARTS);
    ErgometerProcess.await(
        "the summary is shown",
        () -> tab.evaluate("!document.getElementById('energy-section').hidden").asBoolean());
    return tab;
  }

  /** Nothing failed, and nothing was asked of anybody else. */
  private static void assertQuiet(Browser.Tab tab, String origin) {
    assertThat(tab.events("Runtime.exceptionThrown")).isEmpty();
    assertThat(tab.events("Runtime.consoleAPICalled")).isEmpty();
    assertThat(tab.events("Log.entryAdded")).isEmpty();
    assertThat(tab.events("Network.requestWillBeSent"))
        .isNotEmpty()
        .extracting(event -> event.path("request").path("url").asText())
        .allMatch(url -> url.startsWith(origin) || url.startsWith("data:"));
  }

  /** On a busy machine few steps may have been done yet, whose lines are short. */
  private static void assertDrawn(Browser.Tab tab) throws Exception {
    ErgometerProcess.await(
        "all charts are drawn",
        () -> {
          List<Integer> ink = new ArrayList<>();
          tab.evaluate(INK).forEach(pixels -> ink.add(pixels.asInt()));
          // The learning rate's line is grey.
          return ink.size() >= CHARTS - 1
              && ink.subList(0, CHARTS - 1).stream().allMatch(pixels -> pixels > 100);
        });
  }

  @Test
  void loadsDrawsAndUpdatesWhileTheRunGoesOn() throws Exception {
    Browser.Tab tab = open(page, DESK, "light");

    assertThat(tab.text("run")).isEqualTo("run");
    assertThat(tab.text("status")).isEqualTo("running");
    assertDrawn(tab);
    String steps = tab.text("steps");
    String loss = description(tab);
    assertThat(steps).startsWith("step ").endsWith(" of 1,000,000");
    assertThat(loss).startsWith("Loss, nats per token: from ");
    ErgometerProcess.await(
        "the page is renewed",
        () -> !tab.text("steps").equals(steps) && !description(tab).equals(loss));
    for (String id : List.of("figures", "sample", "work", "reconciliation", "classes", "energy")) {
      assertThat(tab.text(id)).as(id).isNotBlank();
    }
    assertThat(tab.text("verdict")).startsWith("Explained to the last FLOP");
    assertCausesAddUp(tab);
    assertThat(tab.text("figures")).contains("MFU", "perplexity", "J so far");
    ErgometerProcess.await("the power", () -> watts(tab) > 0);
    assertThat(watts(tab)).isCloseTo(WATTS, within(WATTS / 4));
    assertQuiet(tab, page);
  }

  /** From predicted to measured, what attention left out below zero among them. */
  private static void assertCausesAddUp(Browser.Tab tab) throws Exception {
    JsonNode rows = tab.evaluate(CAUSES);
    double sum = 0;
    List<String> names = new ArrayList<>();
    for (JsonNode row : rows) {
      names.add(row.path("name").asText());
      double share = row.path("share").asDouble();
      sum += row.path("sum").asBoolean() ? -share : share;
      assertThat(row.path("bar").asDouble() > 0).as(row.toString()).isEqualTo(share != 0);
    }

    assertThat(names).contains("predicted for the steps", "+ causal skip", "measured");
    assertThat(names).hasSizeGreaterThan(6);
    assertThat(sum).as(rows.toString()).isCloseTo(0, within(0.005 * names.size()));
  }

  private static double watts(Browser.Tab tab) throws Exception {
    Matcher shown = Pattern.compile("([\\d.]+) W, ").matcher(tab.text("figures"));
    return shown.find() ? Double.parseDouble(shown.group(1)) : 0;
  }

  private static String description(Browser.Tab tab) throws Exception {
    return tab.evaluate("document.querySelector('.plot').getAttribute('aria-label')").asText();
  }

  @ParameterizedTest
  @CsvSource({"light, true", "dark, false"})
  void isReadInLightAndDark(String scheme, boolean bright) throws Exception {
    Browser.Tab tab = open(page, DESK, scheme);
    tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");

    int red =
        tab.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")
            .asInt();
    assertThat(red > 127).isEqualTo(bright);
    assertThat(tab.evaluate(PALE)).isEmpty();
    assertDrawn(tab);
    Files.write(PICTURES.resolve(scheme + ".png"), tab.picture());
    assertQuiet(tab, page);
  }

  @Test
  void fitsAPhone() throws Exception {
    Browser.Tab tab = open(page, PHONE, "light");

    assertThat(tab.evaluate("document.documentElement.scrollWidth").asInt()).isEqualTo(PHONE_WIDTH);
    assertThat(tab.evaluate(WIDE)).isEmpty();
    assertDrawn(tab);
    Files.write(PICTURES.resolve("phone.png"), tab.picture());
    assertQuiet(tab, page);
  }

  @Test
  void isUsedByKeyboard() throws Exception {
    Browser.Tab tab = open(page, DESK, "light");
    List<String> reached = new ArrayList<>();
    for (int presses = 0; presses < 40; presses++) {
      tab.press("Tab");
      reached.add(
          tab.evaluate(
                  "(document.activeElement.className || document.activeElement.id || document.activeElement.tagName).split(' ')[0]")
              .asText());
      if (reached.get(presses).equals("plot") && !reached.subList(0, presses).contains("plot")) {
        tab.press("End");
        tab.press("ArrowLeft");
        assertThat(tab.text("readout")).matches("step [\\d,]+: training \\d.*");
      }
    }

    assertThat(reached.get(0)).isEqualTo("skip");
    assertThat(reached).filteredOn("plot"::equals).hasSizeGreaterThanOrEqualTo(CHARTS);
    assertThat(reached).contains("sample-slider", "SUMMARY", "INPUT");
  }

  @Test
  void isReadByAScreenReader() throws Exception {
    Browser.Tab tab = open(page, DESK, "light");
    List<String> roles = new ArrayList<>();
    List<String> nameless = new ArrayList<>();
    for (JsonNode node : tab.call("Accessibility.getFullAXTree", Map.of()).path("nodes")) {
      String role = node.path("role").path("value").asText();
      roles.add(role);
      boolean named = !node.path("name").path("value").asText().isBlank();
      if (!node.path("ignored").asBoolean() && !named && NAMED.contains(role)) {
        nameless.add(node.toString());
      }
    }

    assertThat(nameless).isEmpty();
    assertThat(roles).contains("banner", "main", "heading", "table", "progressbar", "radiogroup");
    assertThat(roles).filteredOn(role -> role.equals("main")).hasSize(1);
    assertThat(roles).filteredOn(role -> role.equals("image")).hasSizeGreaterThanOrEqualTo(CHARTS);
    assertThat(
            tab.evaluate(
                    "[...document.querySelectorAll('h1, h2, h3')].map((each) => each.tagName[1]).join('')")
                .asText())
        .as("no level of headings is left out")
        .startsWith("1")
        .doesNotContain("13");
    assertThat(tab.evaluate("document.querySelectorAll('#values tbody tr').length").asInt())
        .as("values of the charts as a table")
        .isBetween(2, 40);
    assertThat(tab.evaluate("document.documentElement.lang").asText()).isEqualTo("en");
  }

  private static final List<String> NAMED =
      List.of("heading", "image", "table", "progressbar", "slider", "radio", "region", "link");

  @Test
  void theFileOfARunShowsTheSameAndAsksNobody(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("run.html");
    try (ErgometerProcess report =
        ErgometerProcess.start(
            folder.resolve("report.txt"), "report", run.toString(), "--html", file.toString())) {
      assertThat(report.status()).as(report.printed()).isZero();
    }
    for (String scheme : List.of("light", "dark")) {
      Browser.Tab tab = open(file.toUri().toString(), DESK, scheme);

      assertThat(tab.text("run")).isEqualTo("run");
      assertDrawn(tab);
      assertThat(tab.evaluate(PALE)).isEmpty();
      assertThat(tab.text("figures")).contains("W, ");
      assertThat(tab.text("sample")).isNotBlank();
      assertThat(tab.events("Network.requestWillBeSent"))
          .extracting(event -> event.path("request").path("url").asText())
          .filteredOn(url -> !url.startsWith("data:"))
          .hasSize(1);
      assertQuiet(tab, "file:///");
    }
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void saysThatTheProcessHasEnded() throws Exception {
    Browser.Tab tab = open(page, DESK, "light");
    ErgometerProcess running = Objects.requireNonNull(process, "started before all tests");
    running.terminate();
    assertThat(running.status()).as(running.printed()).isEqualTo(130);

    ErgometerProcess.await(
        "the page says so", () -> tab.text("notice").contains("The process does not answer"));
    assertThat(tab.events("Runtime.exceptionThrown")).isEmpty();
    assertDrawn(tab);
  }
}
