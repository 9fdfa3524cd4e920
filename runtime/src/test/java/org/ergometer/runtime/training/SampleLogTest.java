package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleLogTest {

  private final Path file;

  SampleLogTest(@TempDir Path directory) {
    this.file = directory.resolve("samples.jsonl");
  }

  @Test
  void isReadAsItWasWritten() throws IOException {
    SampleLog log = new SampleLog(file, 0);
    log.add(new TextSample(10, "one\n\"two\" \u00e9"));
    log.add(new TextSample(20, ""));

    assertThat(SampleLog.read(file)).isEqualTo(log.samples()).hasSize(2);
  }

  @Test
  void goesOnAfterTheStepsThatStay() throws IOException {
    SampleLog log = new SampleLog(file, 0);
    log.add(new TextSample(10, "kept"));
    log.add(new TextSample(20, "lost"));

    assertThat(new SampleLog(file, 15).samples()).containsExactly(new TextSample(10, "kept"));
  }

  @Test
  void keepsABoundedNumberOverTheWholeCourseAndAlwaysTheLast() throws IOException {
    SampleLog log = new SampleLog(file, 0);
    for (int step = 1; step <= 300; step++) {
      log.add(new TextSample(step, "text"));
    }

    assertThat(log.samples()).hasSizeBetween(32, 64);
    assertThat(log.samples()).extracting(TextSample::step).isSorted().contains(300);
    assertThat(log.samples().get(0).step()).isLessThan(20);
  }
}
