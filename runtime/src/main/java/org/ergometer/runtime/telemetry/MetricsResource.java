package org.ergometer.runtime.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * All metrics in the format that a scraper asks for.
 *
 * <p>One picture serves every scrape of a fifth of a second; where reading the meters takes more
 * than a millisecond, of two hundred times as long, but of a second at most.
 */
public final class MetricsResource implements Resource {

  /** Prometheus' own text format. */
  static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  /** The text format of OpenMetrics 1.0. */
  static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private static final long NANOS_A_PICTURE = 200_000_000L;
  private static final long LONGEST_NANOS_A_PICTURE = 1_000_000_000L;
  private static final long TIMES_A_PICTURE = 200;

  private final UnaryOperator<String> scrape;
  private final LongSupplier nanoTime;
  private final Map<String, Picture> pictures = new HashMap<>();

  private record Picture(Answer answer, long taken, long nanos) {}

  /**
   * @param scrape text of all metrics in the format of a content type
   */
  public MetricsResource(UnaryOperator<String> scrape, LongSupplier nanoTime) {
    this.scrape = scrape;
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized Answer answer(Request request) {
    String type =
        MediaRanges.of(request.accept()).prefers("application/openmetrics-text", "text/plain")
            ? OPEN_METRICS
            : TEXT;
    Picture picture = pictures.get(type);
    long now = nanoTime.getAsLong();
    if (picture == null || now - picture.taken() >= picture.nanos()) {
      byte[] text = scrape.apply(type).getBytes(UTF_8);
      long took = nanoTime.getAsLong() - now;
      picture =
          new Picture(
              new Answer(200, type, text, Map.of()),
              now,
              Math.min(LONGEST_NANOS_A_PICTURE, Math.max(NANOS_A_PICTURE, took * TIMES_A_PICTURE)));
      pictures.put(type, picture);
    }
    return picture.answer();
  }
}
