package org.ergometer.runtime.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class QuartilesTest {

  @Test
  void liesBetweenNeighboursInProportion() {
    // Positions 0.75, 1.5 and 2.25 of 0..3.
    assertThat(Quartiles.of(40, 10, 20, 30)).isEqualTo(new Quartiles(17.5, 25, 32.5));
  }

  @Test
  void ofOneValueIsThatValue() {
    assertThat(Quartiles.of(7)).isEqualTo(new Quartiles(7, 7, 7));
  }

  @Test
  void ofNothingIsRefused() {
    assertThatThrownBy(() -> Quartiles.of()).hasMessageContaining("at least 1 value");
  }
}
