package org.ergometer.accounting.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PublishedFootprintTest {

  static List<PublishedFootprint> rows() {
    return PublishedFootprint.all();
  }

  /** To the last printed digit; to 1.3 % where the note says that factors are rounded. */
  @ParameterizedTest
  @MethodSource("rows")
  void oursIsAsPrinted(PublishedFootprint row) {
    if (row.megawattHours() != null) {
      assertPrinted(row, row.megawattHours(), row.ourMegawattHours());
    }
    if (row.tonnes() != null) {
      assertPrinted(row, row.tonnes(), Objects.requireNonNull(row.ourTonnes()));
    }
  }

  private static void assertPrinted(PublishedFootprint row, BigDecimal printed, double ours) {
    double half = 0.501 * Math.pow(10, -printed.stripTrailingZeros().scale());
    double tolerance = row.note().isEmpty() ? half : Math.max(half, 0.013 * printed.doubleValue());
    assertThat(ours).isCloseTo(printed.doubleValue(), within(tolerance));
  }

  @Test
  void everyRowHasASourceAndAFigure() {
    assertThat(rows())
        .hasSize(20)
        .allSatisfy(
            row -> {
              assertThat(row.source()).isNotEmpty();
              assertThat(row.megawattHours() != null || row.tonnes() != null).isTrue();
            });
  }
}
