package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import org.junit.jupiter.api.Test;

class SurroundingsTest {

  @Test
  void eachLackHasItsRemedy() {
    assertThat(Surroundings.lacking(new OutOfMemoryError("Java heap space")))
        .contains("memory does not suffice", "ERGOMETER_JAVA_OPTIONS=-Xmx");
    assertThat(Surroundings.lacking(new OutOfMemoryError("unable to create native thread: x")))
        .contains("ulimit -u");
    assertThat(Surroundings.lacking(new IllegalStateException(new UnsatisfiedLinkError("x"))))
        .contains("native libraries", "-Djava.io.tmpdir=");
    assertThat(
            Surroundings.lacking(
                new NoClassDefFoundError(
                    "Could not initialize class org.nd4j.linalg.factory.Nd4j")))
        .contains("native libraries");
    assertThat(Surroundings.lacking(new UncheckedIOException(new AccessDeniedException("a"))))
        .startsWith("a: no permission; ");
  }

  @Test
  void aDefectIsNone() {
    assertThat(Surroundings.lacking(new IllegalStateException("x"))).isNull();
    assertThat(Surroundings.lacking(new NoClassDefFoundError("org/ergometer/X"))).isNull();
  }
}
