package org.ergometer.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {

  private static final List<String> NAMES = List.of("--steps", "--seed", "--width", "--warmup");

  @Test
  void findsTheNameWithTheFewestChanges() {
    assertThat(NearestName.of("--stepz", NAMES)).contains("--steps");
    assertThat(NearestName.of("--widht", NAMES)).contains("--width");
    assertThat(NearestName.of("--SEED", NAMES)).contains("--seed");
  }

  @Test
  void findsTheShortestNameThatBeginsSo() {
    List<String> models = List.of("mistral-7b", "mixtral-8x22b", "mixtral-8x7b", "llama-3-8b");

    assertThat(NearestName.of("mixtral", models)).contains("mixtral-8x7b");
    assertThat(NearestName.of("LLaMA3", models)).contains("llama-3-8b");
  }

  @Test
  void findsNothingForAnotherWord() {
    assertThat(NearestName.of("temperature", NAMES)).isEmpty();
    assertThat(NearestName.of("x", List.of())).isEmpty();
  }
}
