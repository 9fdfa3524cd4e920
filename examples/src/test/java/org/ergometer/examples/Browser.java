package org.ergometer.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A headless Chromium with a profile of its own, driven by its DevTools protocol. */
final class Browser implements AutoCloseable {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final long SECONDS_TO_WAIT = 60;

  private final Process process;
  private final WebSocket socket;
  private final Answers answers;
  private final AtomicInteger lastId = new AtomicInteger();

  private Browser(Process process, WebSocket socket, Answers answers) {
    this.process = process;
    this.socket = socket;
    this.answers = answers;
  }

  /** Starts it with a profile in a folder; it finds no host but this machine. */
  static Browser start(InstalledProgram program, Path folder) throws Exception {
    Path profile = Files.createDirectories(folder.resolve("profile"));
    Process process =
        new ProcessBuilder(
                program.command(
                    "--headless=new",
                    "--no-sandbox", // which does not start for root
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--hide-scrollbars",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                    "--remote-debugging-port=0",
                    "--user-data-dir=" + profile,
                    "about:blank"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("chromium.log").toFile())
            .start();
    Path port = profile.resolve("DevToolsActivePort");
    ErgometerProcess.await(
        "Chromium's port",
        () -> {
          assertThat(process.isAlive())
              .as(Files.readString(folder.resolve("chromium.log")))
              .isTrue();
          return Files.exists(port) && Files.readAllLines(port).size() == 2;
        });
    List<String> address = Files.readAllLines(port);
    Answers answers = new Answers();
    WebSocket socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://127.0.0.1:%s%s".formatted(address.get(0), address.get(1))),
                answers)
            .get(SECONDS_TO_WAIT, TimeUnit.SECONDS);
    return new Browser(process, socket, answers);
  }

  /** Opens a page in a tab of its own, as a reader who prefers light or dark sees it. */
  Tab open(String address, Map<String, Object> screen, String scheme) throws Exception {
    String target =
        call("", "Target.createTarget", Map.of("url", "about:blank")).path("targetId").asText();
    Tab tab =
        new Tab(
            call("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .path("sessionId")
                .asText());
    for (String domain : List.of("Page", "Runtime", "Network", "Log", "Accessibility")) {
      tab.call(domain + ".enable", Map.of());
    }
    tab.call("Emulation.setDeviceMetricsOverride", screen);
    tab.call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    tab.call("Page.navigate", Map.of("url", address));
    return tab;
  }

  private JsonNode call(String session, String method, Map<String, Object> parameters)
      throws Exception {
    int id = lastId.incrementAndGet();
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("id", id);
    message.put("method", method);
    message.put("params", parameters);
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    CompletableFuture<JsonNode> answer = answers.awaited(id);
    socket.sendText(MAPPER.writeValueAsString(message), true).get();
    JsonNode said = answer.get(SECONDS_TO_WAIT, TimeUnit.SECONDS);
    assertThat(said.has("error")).as(method + " " + said).isFalse();
    return said.path("result");
  }

  @Override
  public void close() throws Exception {
    socket.abort();
    List<ProcessHandle> helpers = process.descendants().toList();
    process.destroy();
    if (!process.waitFor(SECONDS_TO_WAIT, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    // They write to the profile until they end, and it is deleted next.
    for (ProcessHandle helper : helpers) {
      helper.destroyForcibly();
      helper.onExit().get(SECONDS_TO_WAIT, TimeUnit.SECONDS);
    }
  }

  /** One page. */
  final class Tab {

    private final String session;

    private Tab(String session) {
      this.session = session;
    }

    JsonNode call(String method, Map<String, Object> parameters) throws Exception {
      return Browser.this.call(session, method, parameters);
    }

    /** The value of a JavaScript expression in the page. */
    JsonNode evaluate(String expression) throws Exception {
      JsonNode said =
          call(
              "Runtime.evaluate",
              Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
      assertThat(said.has("exceptionDetails")).as(said.toString()).isFalse();
      return said.path("result").path("value");
    }

    String text(String id) throws Exception {
      return evaluate("document.getElementById('%s').textContent".formatted(id)).asText();
    }

    void press(String key) throws Exception {
      for (String type : List.of("rawKeyDown", "keyUp")) {
        call(
            "Input.dispatchKeyEvent",
            Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", keyCode(key)));
      }
    }

    /** What the page has told of one kind until now. */
    List<JsonNode> events(String method) {
      return answers.events.stream()
          .filter(event -> event.path("sessionId").asText().equals(session))
          .filter(event -> event.path("method").asText().equals(method))
          .map(event -> event.path("params"))
          .toList();
    }

    /** A picture of the whole page, as PNG. */
    byte[] picture() throws Exception {
      return call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true))
          .path("data")
          .binaryValue();
    }

    private static int keyCode(String key) {
      return switch (key) {
        case "Tab" -> 9;
        case "End" -> 35;
        case "Home" -> 36;
        case "ArrowLeft" -> 37;
        case "ArrowRight" -> 39;
        default -> throw new IllegalArgumentException(key);
      };
    }
  }

  /** What Chromium says, on the socket's own thread. */
  private static final class Answers implements WebSocket.Listener {

    private final Map<Integer, CompletableFuture<JsonNode>> awaited = new ConcurrentHashMap<>();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private final StringBuilder part = new StringBuilder();

    CompletableFuture<JsonNode> awaited(int id) {
      return awaited.computeIfAbsent(id, unknown -> new CompletableFuture<>());
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence text, boolean last) {
      part.append(text);
      if (last) {
        take(part.toString());
        part.setLength(0);
      }
      webSocket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    private void take(String message) {
      try {
        JsonNode said = MAPPER.readTree(message);
        if (said.has("id")) {
          awaited(said.path("id").asInt()).complete(said);
        } else {
          events.add(said);
        }
      } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
        throw new AssertionError(message, e);
      }
    }
  }
}
