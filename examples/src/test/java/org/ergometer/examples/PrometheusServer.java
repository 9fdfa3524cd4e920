package org.ergometer.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real Prometheus on a port of the loopback interface, asked by its HTTP interface. */
final class PrometheusServer implements AutoCloseable {

  private static final JsonMapper MAPPER = new JsonMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final String root;

  private PrometheusServer(Process process, String root) {
    this.process = process;
    this.root = root;
  }

  /** A value at an instant, in seconds since 1970. */
  record Point(double time, double value) {}

  /** A series of an answer: its labels, and one value or several. */
  record Series(JsonNode labels, List<Point> points) {

    String name() {
      return label("__name__");
    }

    String label(String name) {
      return labels.path(name).asText();
    }

    Point last() {
      return points.get(points.size() - 1);
    }

    /** The part of it within a span of time. */
    Series within(double from, double to) {
      return new Series(
          labels,
          points.stream().filter(point -> point.time() >= from && point.time() <= to).toList());
    }
  }

  /** Starts it with a configuration, and its data, in a folder. */
  static PrometheusServer start(InstalledProgram program, Path folder, String configuration)
      throws Exception {
    Files.writeString(folder.resolve("prometheus.yml"), configuration);
    String address = "127.0.0.1:" + freePort();
    Process process =
        new ProcessBuilder(
                program.command(
                    "--config.file=prometheus.yml",
                    "--storage.tsdb.path=tsdb",
                    "--web.listen-address=" + address))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("prometheus.log").toFile())
            .start();
    PrometheusServer server = new PrometheusServer(process, "http://" + address);
    ErgometerProcess.await("Prometheus is ready", server::isReady);
    return server;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean isReady() throws Exception {
    assertThat(process.isAlive()).as("Prometheus goes on").isTrue();
    try {
      return http.send(request("/-/ready"), BodyHandlers.ofString()).statusCode() == 200;
    } catch (ConnectException e) {
      return false;
    }
  }

  /** The answer to a query, as of now. */
  List<Series> query(String expression) throws Exception {
    return series(data("/api/v1/query?query=" + URLEncoder.encode(expression, UTF_8)));
  }

  /** The answer to a query, as of an instant. */
  List<Series> query(String expression, double time) throws Exception {
    return series(
        data(
            "/api/v1/query?query="
                + URLEncoder.encode(expression, UTF_8)
                + "&time="
                + String.format(java.util.Locale.ROOT, "%.3f", time)));
  }

  /** What another of its resources says. */
  JsonNode data(String path) throws Exception {
    String body = http.send(request(path), BodyHandlers.ofString()).body();
    JsonNode answer = MAPPER.readTree(body);
    assertThat(answer.path("status").asText()).as(path + " " + body).isEqualTo("success");
    return answer.path("data");
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create(root + path)).build();
  }

  private static List<Series> series(JsonNode data) {
    List<Series> series = new ArrayList<>();
    for (JsonNode result : data.path("result")) {
      List<Point> points = new ArrayList<>();
      result.path("values").forEach(value -> points.add(point(value)));
      if (result.has("value")) {
        points.add(point(result.path("value")));
      }
      series.add(new Series(result.path("metric"), List.copyOf(points)));
    }
    return series;
  }

  private static Point point(JsonNode pair) {
    String value = pair.path(1).asText().replace("+Inf", "Infinity").replace("-Inf", "-Infinity");
    return new Point(pair.path(0).asDouble(), Double.parseDouble(value));
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
