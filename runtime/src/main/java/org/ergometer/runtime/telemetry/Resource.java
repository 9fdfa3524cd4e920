package org.ergometer.runtime.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is served on one path.
 *
 * <p>It is asked for GET and HEAD alike; methods, unknown paths, compression and the connection are
 * the server's business. It may be asked on several threads at once, never on the one that trains.
 */
@FunctionalInterface
public interface Resource {

  /**
   * Answers one request. What it throws becomes status 500.
   *
   * @param request what is asked
   */
  Answer answer(Request request);

  /**
   * One request.
   *
   * @param path of the address, as the resource is registered
   * @param query of the address without the question mark, decoded; empty if there is none
   * @param accept header {@code Accept}; empty if there is none
   */
  record Request(String path, String query, String accept) {}

  /** One answer, whole in memory; its bytes are not changed any more. */
  final class Answer {

    private static final int OK = 200;

    private final int status;
    private final String contentType;
    private final byte[] body;
    private final Map<String, String> headers;
    private byte @Nullable [] encoded;

    /**
     * @param status of HTTP
     * @param contentType header {@code Content-Type}
     * @param body uncompressed
     * @param headers more headers by name
     */
    public Answer(int status, String contentType, byte[] body, Map<String, String> headers) {
      this.status = status;
      this.contentType = contentType;
      this.body = body;
      this.headers = Map.copyOf(headers);
    }

    /** A text that all is well with. */
    public static Answer of(String contentType, String text) {
      return new Answer(OK, contentType, text.getBytes(UTF_8), Map.of());
    }

    int status() {
      return status;
    }

    String contentType() {
      return contentType;
    }

    byte[] body() {
      return body;
    }

    /** The body in another form, made once however often the answer is sent. */
    synchronized byte[] encoded(UnaryOperator<byte[]> encoder) {
      byte[] form = encoded;
      if (form == null) {
        form = encoder.apply(body);
        encoded = form;
      }
      return form;
    }

    Map<String, String> headers() {
      return headers;
    }
  }
}
