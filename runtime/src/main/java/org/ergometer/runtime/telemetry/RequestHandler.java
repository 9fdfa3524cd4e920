package org.ergometer.runtime.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Answers what is asked of the known paths: GET and HEAD, compressed where the client takes it.
 *
 * <p>Two answers at most are worked on at a time; sending one to a slow reader is no work.
 */
final class RequestHandler implements HttpHandler {

  private static final int WORKERS = 2;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int MISDIRECTED = 421;
  private static final int FAILED = 500;
  private static final int SMALLEST_COMPRESSED_BYTES = 1024;
  private static final String PLAIN = "text/plain; charset=utf-8";

  private final KnownHosts hosts;
  private final Map<String, Resource> resources;
  private final Semaphore workers = new Semaphore(WORKERS);

  /**
   * A handler for what is asked of this server.
   *
   * @param hosts names by which it may be asked
   */
  RequestHandler(KnownHosts hosts, Map<String, Resource> resources) {
    this.hosts = hosts;
    this.resources = Map.copyOf(resources);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      workers.acquireUninterruptibly();
      Resource.Answer answer;
      byte[] body;
      try {
        answer = answer(exchange);
        body = encoded(exchange, answer);
      } finally {
        workers.release();
      }
      send(exchange, answer, body);
    }
  }

  private Resource.Answer answer(HttpExchange exchange) {
    if (!hosts.includes(header(exchange.getRequestHeaders(), "Host"))) {
      return told(
          MISDIRECTED,
          "unknown host; ask by address, or start with --metrics-host and this name\n",
          Map.of());
    }
    String path = Objects.requireNonNullElse(exchange.getRequestURI().getPath(), "");
    Resource resource = resources.get(path);
    if (resource == null) {
      return told(NOT_FOUND, "not found; the page is at /, metrics are at /metrics\n", Map.of());
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return told(METHOD_NOT_ALLOWED, "only GET and HEAD\n", Map.of("Allow", "GET, HEAD"));
    }
    String query = Objects.requireNonNullElse(exchange.getRequestURI().getQuery(), "");
    try {
      return resource.answer(
          new Resource.Request(path, query, header(exchange.getRequestHeaders(), "Accept")));
    } catch (RuntimeException e) {
      return told(FAILED, "failed: " + e.getClass().getSimpleName() + "\n", Map.of());
    }
  }

  private static Resource.Answer told(int status, String text, Map<String, String> headers) {
    return new Resource.Answer(status, PLAIN, text.getBytes(UTF_8), headers);
  }

  /** The body as it is sent; says in the headers how. */
  private static byte[] encoded(HttpExchange exchange, Resource.Answer answer) {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", answer.contentType());
    headers.set("Vary", "Accept, Accept-Encoding");
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    answer.headers().forEach(headers::set);
    boolean compressed =
        answer.body().length >= SMALLEST_COMPRESSED_BYTES
            && MediaRanges.of(header(exchange.getRequestHeaders(), "Accept-Encoding"))
                .names("gzip");
    if (!compressed) {
      return answer.body();
    }
    headers.set("Content-Encoding", "gzip");
    return answer.encoded(RequestHandler::compressed);
  }

  private static byte[] compressed(byte[] body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new FastGzip(bytes)) {
      gzip.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException("memory takes what is written", e);
    }
    return bytes.toByteArray();
  }

  private static void send(HttpExchange exchange, Resource.Answer answer, byte[] body)
      throws IOException {
    if (exchange.getRequestMethod().equals("HEAD") || body.length == 0) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
      exchange.sendResponseHeaders(answer.status(), -1);
    } else {
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static String header(Headers headers, String name) {
    return headers.containsKey(name) ? String.join(",", headers.get(name)) : "";
  }

  /** Compression at its fastest: metrics shrink to a tenth even so. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
