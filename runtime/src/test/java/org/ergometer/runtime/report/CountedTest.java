package org.ergometer.runtime.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CountedTest {

  @Test
  void oneIsSingular() {
    assertThat(Counted.of(1, "layer")).isEqualTo("1 layer");
    assertThat(Counted.of(0, "layer")).isEqualTo("0 layers");
    assertThat(Counted.of(1024, "layer")).isEqualTo("1,024 layers");
  }
}
