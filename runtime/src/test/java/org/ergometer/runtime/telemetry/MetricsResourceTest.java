package org.ergometer.runtime.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsResourceTest {

  private long nanos;
  private int scrapes;

  private final MetricsResource metrics =
      new MetricsResource(type -> ++scrapes + " as " + type, () -> nanos);

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Prometheus 2.42, and a later one that takes protocol buffers too
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;q=0.7,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;q=0.3",
        "Application/OpenMetrics-Text"
      })
  void speaksOpenMetricsToWhomeverPrefersIt(String accept) {
    assertThat(answer(accept).contentType()).isEqualTo(MetricsResource.OPEN_METRICS);
    assertThat(text(accept)).endsWith(MetricsResource.OPEN_METRICS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*/*",
        "text/plain",
        "text/plain,application/openmetrics-text;q=0.5",
        "application/openmetrics-text;q=0",
        "application/openmetrics-text;q=much",
        ";;;,,q=",
        "application/openmetrics-text-of-another-kind"
      })
  void speaksPlainTextToEverybodyElse(String accept) {
    assertThat(answer(accept).contentType()).isEqualTo(MetricsResource.TEXT);
  }

  @Test
  void readsTheMetersFiveTimesASecondAtMost() {
    for (int request = 0; request < 1000; request++) {
      answer("");
      nanos += 1_000_000;
    }

    // 1000 requests, one each millisecond
    assertThat(scrapes).isEqualTo(5);
  }

  @Test
  void takesAPictureForEachFormat() {
    assertThat(text("")).startsWith("1 ");
    assertThat(text("application/openmetrics-text")).startsWith("2 ");
    assertThat(text("")).startsWith("1 ");
  }

  private String text(String accept) {
    return new String(answer(accept).body(), UTF_8);
  }

  private Resource.Answer answer(String accept) {
    return metrics.answer(new Resource.Request("/metrics", "", accept));
  }
}
