package org.ergometer.runtime.threads;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class NativeThreadsTest {

  @ParameterizedTest
  @ValueSource(strings = {"1", "2", "16"})
  void numbersOfThreadsStay(String given) {
    assertThat(NativeThreads.isCount(given)).isTrue();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "0",
        "-1",
        "abc",
        "2.5",
        "99999999999",
        "2000",
        "4,2",
        " 8 ",
        "4,",
        ",4",
        "4,x"
      })
  void anythingElseIsNotUsed(String given) {
    assertThat(NativeThreads.isCount(given)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OMP_SCHEDULE | static | true",
        "OMP_SCHEDULE | Dynamic, 4 | true",
        "OMP_SCHEDULE | nonsense | false",
        "OMP_SCHEDULE | static,0 | false",
        "OMP_DYNAMIC | TRUE | true",
        "OMP_DYNAMIC | yes | false",
        "OMP_THREAD_LIMIT | 1 | true",
        "OMP_THREAD_LIMIT | 0 | false",
        "OMP_STACKSIZE | 16 M | true",
        "OMP_STACKSIZE | 1 | false",
        "OMP_PROC_BIND | close,spread | true",
        "OMP_PROC_BIND | anywhere | false",
      })
  void otherVariablesAreUsedAsOpenMpWritesThem(String name, String given, boolean used) {
    Pattern syntax = Objects.requireNonNull(NativeThreads.SYNTAX.get(name));

    assertThat(NativeThreads.isWritten(syntax, given)).isEqualTo(used);
  }
}
