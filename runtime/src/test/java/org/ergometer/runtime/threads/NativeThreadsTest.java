package org.ergometer.runtime.threads;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class NativeThreadsTest {

  @ParameterizedTest
  @ValueSource(strings = {"1", "2", "16", "4,2", " 8 "})
  void numbersOfThreadsStay(String given) {
    assertThat(NativeThreads.isCount(given)).isTrue();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "0", "-1", "abc", "2.5", "99999999999", "2000", "4,", ",4", "4,x"})
  void anythingElseIsNotUsed(String given) {
    assertThat(NativeThreads.isCount(given)).isFalse();
  }
}
