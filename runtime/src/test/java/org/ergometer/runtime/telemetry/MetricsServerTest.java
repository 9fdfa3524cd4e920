package org.ergometer.runtime.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class MetricsServerTest {

  private static final String LOOPBACK = "127.0.0.1";

  @Test
  void servesTheFormatThatIsAskedFor() throws Exception {
    try (MetricsServer server = MetricsServer.start(LOOPBACK, 0, type -> "as " + type)) {
      HttpResponse<String> plain = get(server.url(), "text/plain");
      HttpResponse<String> open = get(server.url(), "application/openmetrics-text;q=0.9,*/*");

      assertThat(plain.statusCode()).isEqualTo(200);
      assertThat(plain.body()).isEqualTo("as text/plain; version=0.0.4; charset=utf-8");
      assertThat(plain.headers().firstValue("Content-Type"))
          .contains("text/plain; version=0.0.4; charset=utf-8");
      assertThat(open.body())
          .isEqualTo("as application/openmetrics-text; version=1.0.0; charset=utf-8");
    }
  }

  @Test
  void pointsToTheMetricsFromElsewhere() throws Exception {
    try (MetricsServer server = MetricsServer.start(LOOPBACK, 0, type -> "")) {
      String root = "http://%s:%d/".formatted(LOOPBACK, server.port());

      assertThat(get(root, "*/*").body()).contains("/metrics");
      assertThat(get(root, "*/*").statusCode()).isEqualTo(200);
      assertThat(get(root + "nothing", "*/*").statusCode()).isEqualTo(404);
      assertThat(get(root + "metrics/more", "*/*").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void onlyReads() throws Exception {
    try (MetricsServer server = MetricsServer.start(LOOPBACK, 0, type -> "text")) {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url()));

      assertThat(send(request.DELETE().build()).statusCode()).isEqualTo(405);
      assertThat(
              send(request.method("HEAD", HttpRequest.BodyPublishers.noBody()).build())
                  .statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void takesAnotherPortWhereTheUsualOneIsTaken() {
    try (MetricsServer first = MetricsServer.start(LOOPBACK, null, type -> "");
        MetricsServer second = MetricsServer.start(LOOPBACK, null, type -> "")) {
      assertThat(second.port()).isNotEqualTo(first.port()).isNotEqualTo(MetricsServer.USUAL_PORT);
    }
  }

  @Test
  void saysThatAPortIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> MetricsServer.start(LOOPBACK, taken.getLocalPort(), type -> ""))
          .withMessage(
              "metrics-port %d of 127.0.0.1 is in use; set another --metrics-port, or 0 for any free one"
                  .formatted(taken.getLocalPort()));
    }
  }

  @Test
  void saysThatAnAddressIsNotOfThisMachine() {
    // 192.0.2.0/24 is reserved for documentation (RFC 5737), so no machine has it
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricsServer.start("192.0.2.1", 0, type -> ""))
        .withMessage(
            "metrics-host must be an address of this machine, got \"192.0.2.1\"; set --metrics-host");
  }

  private static HttpResponse<String> get(String url, String accept) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(url)).header("Accept", accept).build());
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }
}
