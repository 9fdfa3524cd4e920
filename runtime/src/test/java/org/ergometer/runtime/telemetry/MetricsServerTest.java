package org.ergometer.runtime.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsServerTest {

  private static final String LOOPBACK = "127.0.0.1";
  private static final String TEXT = "some text\n";

  @Test
  void servesWhatIsKnownAndNothingElse() throws Exception {
    Resource echo =
        request ->
            Resource.Answer.of(
                "text/x-echo", request.path() + "|" + request.query() + "|" + request.accept());
    try (MetricsServer server =
        MetricsServer.start(LOOPBACK, 0, Protection.NONE, Map.of("/echo", echo))) {
      String root = "http://%s:%s".formatted(LOOPBACK, server.port());

      HttpResponse<String> known = get(root + "/echo?since=5%20", "a/b");
      assertThat(known.statusCode()).isEqualTo(200);
      assertThat(known.body()).isEqualTo("/echo|since=5 |a/b");
      assertThat(known.headers().firstValue("Content-Type")).contains("text/x-echo");
      for (String path : List.of("/", "/echo/", "/echo/more", "/ECHO", "//echo", "/%2e")) {
        assertThat(get(root + path, "*/*").statusCode()).as(path).isEqualTo(404);
      }
    }
  }

  @Test
  void onlyReads() throws Exception {
    try (MetricsServer server = serving(TEXT)) {
      for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW")) {
        HttpResponse<String> refused =
            send(
                request(server.url("/metrics"))
                    .method(method, BodyPublishers.ofString("body"))
                    .build());
        assertThat(refused.statusCode()).as(method).isEqualTo(405);
        assertThat(refused.headers().firstValue("Allow")).contains("GET, HEAD");
      }
      HttpResponse<String> head =
          send(request(server.url("/metrics")).method("HEAD", BodyPublishers.noBody()).build());
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.headers().firstValue("Content-Length")).contains("" + TEXT.length());
      assertThat(head.body()).isEmpty();
    }
  }

  @Test
  void compressesWhatIsLongForWhoeverTakesIt() throws Exception {
    String longText = TEXT.repeat(1000);
    try (MetricsServer server = serving(longText)) {
      HttpRequest asked =
          request(server.url("/metrics")).header("Accept-Encoding", "br, gzip;q=0.5").build();
      HttpResponse<byte[]> zipped =
          HttpClient.newHttpClient().send(asked, BodyHandlers.ofByteArray());

      assertThat(zipped.headers().firstValue("Content-Encoding")).contains("gzip");
      assertThat(zipped.body()).hasSizeLessThan(longText.length() / 10);
      assertThat(new GZIPInputStream(new ByteArrayInputStream(zipped.body())).readAllBytes())
          .asString(UTF_8)
          .isEqualTo(longText);
      assertThat(get(server.url("/metrics"), "*/*").body()).isEqualTo(longText);
    }
    try (MetricsServer server = serving(TEXT)) {
      HttpRequest asked = request(server.url("/metrics")).header("Accept-Encoding", "gzip").build();
      assertThat(send(asked).headers().firstValue("Content-Encoding")).isEmpty();
    }
  }

  @Test
  void staysUpWhereAnAnswerFails() throws Exception {
    Resource failing =
        request -> {
          throw new IllegalStateException("not now");
        };
    Map<String, Resource> resources =
        Map.of("/bad", failing, "/metrics", request -> Resource.Answer.of("text/plain", TEXT));
    try (MetricsServer server = MetricsServer.start(LOOPBACK, 0, Protection.NONE, resources)) {
      String root = "http://%s:%s".formatted(LOOPBACK, server.port());

      assertThat(get(root + "/bad", "*/*").statusCode()).isEqualTo(500);
      assertThat(get(root + "/metrics", "*/*").body()).isEqualTo(TEXT);
    }
  }

  @Test
  void asksForTheNameAndPasswordOfAFile(@TempDir Path directory) throws Exception {
    Credentials credentials =
        Credentials.read(Files.writeString(directory.resolve("auth"), "grace:se:cret\n"));
    Map<String, Resource> resources =
        Map.of("/metrics", request -> Resource.Answer.of("text/plain", TEXT));
    try (MetricsServer server =
        MetricsServer.start(LOOPBACK, 0, new Protection(credentials, null), resources)) {
      assertThat(get(server.url("/metrics"), "*/*").statusCode()).isEqualTo(401);
      assertThat(as(server, "grace:wrong").statusCode()).isEqualTo(401);
      assertThat(as(server, "grace:se:cret").body()).isEqualTo(TEXT);
    }
    Path empty = Files.writeString(directory.resolve("empty"), "\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Credentials.read(empty))
        .withMessageStartingWith("metrics-auth must name a file with one line USER:PASSWORD");
  }

  private static HttpResponse<String> as(MetricsServer server, String who) throws Exception {
    String encoded = Base64.getEncoder().encodeToString(who.getBytes(UTF_8));
    return send(
        request(server.url("/metrics")).header("Authorization", "Basic " + encoded).build());
  }

  /** Readers that send half a request, or take nothing of the answer, and garbage beside them. */
  @Test
  void answersBesideSlowReadersAndGarbage() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try (MetricsServer server = serving(TEXT.repeat(100_000))) {
      for (int reader = 0; reader < 120; reader++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        slow.add(socket);
        String sent =
            switch (reader % 3) {
              case 0 -> "GET /metrics HTTP/1.1\r\nHost: ";
              case 1 -> "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
              default -> "\u0000\u0001 garbage \r\n\r\n";
            };
        socket.getOutputStream().write(sent.getBytes(UTF_8));
      }
      assertThat(get(server.url("/metrics"), "*/*").statusCode()).isEqualTo(200);
      assertThat(get(server.url("/elsewhere"), "*/*").statusCode()).isEqualTo(404);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  /** What a browser sends for a page whose name was made to point here. */
  @Test
  void refusesToBeAskedByANameThatIsNotItsOwn() throws Exception {
    try (MetricsServer server = serving(TEXT);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      String request =
          "GET /metrics HTTP/1.1\r\nHost: rebound.example.com\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(UTF_8));

      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .startsWith("HTTP/1.1 421 ")
          .endsWith("unknown host; ask by address, or start with --metrics-host and this name\n");
    }
  }

  @Test
  void takesAnotherPortWhereTheUsualOneIsTaken() {
    try (MetricsServer first = MetricsServer.start(LOOPBACK, null, Protection.NONE, Map.of());
        MetricsServer second = MetricsServer.start(LOOPBACK, null, Protection.NONE, Map.of())) {
      assertThat(second.port()).isNotEqualTo(first.port()).isNotEqualTo(MetricsServer.USUAL_PORT);
    }
  }

  @Test
  void tellsAnAddressThatCanBeOpenedWhereItListensOnAllOfThem() throws Exception {
    try (MetricsServer server =
        MetricsServer.start(
            "0.0.0.0",
            0,
            Protection.NONE,
            Map.of("/metrics", request -> Resource.Answer.of("text/plain", TEXT)))) {
      assertThat(server.exposed()).isTrue();
      assertThat(server.url("/metrics"))
          .isEqualTo("http://127.0.0.1:%s/metrics".formatted(server.port()));
      assertThat(get(server.url("/metrics"), "*/*").body()).isEqualTo(TEXT);
    }
  }

  @Test
  void saysThatAPortIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> MetricsServer.start(LOOPBACK, taken.getLocalPort(), Protection.NONE, Map.of()))
          .withMessage(
              "metrics-port %s of 127.0.0.1 is in use; set another --metrics-port, or 0 for any free one"
                  .formatted(taken.getLocalPort()));
    }
  }

  @Test
  void saysThatAnAddressIsNotOfThisMachine() {
    // 192.0.2.0/24 is reserved for documentation (RFC 5737), so no machine has it
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricsServer.start("192.0.2.1", 0, Protection.NONE, Map.of()))
        .withMessage(
            "metrics-host must be an address of this machine, got \"192.0.2.1\"; set --metrics-host");
  }

  private static MetricsServer serving(String text) {
    return MetricsServer.start(
        LOOPBACK,
        0,
        Protection.NONE,
        Map.of("/metrics", request -> Resource.Answer.of("text/plain", text)));
  }

  private static HttpResponse<String> get(String url, String accept) throws Exception {
    return send(request(url).header("Accept", accept).build());
  }

  private static HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).version(HttpClient.Version.HTTP_1_1);
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }
}
