package org.ergometer.runtime.telemetry;

import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * All metrics in the format that a scraper asks for, from one instant for all who ask at a time.
 */
public final class MetricsResource implements Resource {

  /** Prometheus' own text format. */
  static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  /** The text format of OpenMetrics 1.0. */
  static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final SharedAnswer text;
  private final SharedAnswer openMetrics;

  /**
   * @param scrape text of all metrics in the format of a content type
   */
  public MetricsResource(UnaryOperator<String> scrape, LongSupplier nanoTime) {
    text = new SharedAnswer(() -> Answer.of(TEXT, scrape.apply(TEXT)), nanoTime);
    openMetrics =
        new SharedAnswer(() -> Answer.of(OPEN_METRICS, scrape.apply(OPEN_METRICS)), nanoTime);
  }

  @Override
  public Answer answer(Request request) {
    boolean open =
        MediaRanges.of(request.accept()).prefers("application/openmetrics-text", "text/plain");
    return (open ? openMetrics : text).get();
  }
}
