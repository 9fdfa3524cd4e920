package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.ergometer.accounting.predict.Preset;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** DL4J counts as many parameters as the shape says, and as were published. */
class ParameterCountTest {

  static Stream<TransformerShape> shapes() {
    return Stream.concat(
        Samples.variants(),
        Stream.of(
            Samples.shape(true, true),
            Samples.shape(true, false),
            Samples.shape(false, true),
            Samples.shape(false, false),
            new TransformerShape(3, 12, 4, 5, 11, 1, true, true)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void aModelHoldsWhatItsShapeSays(TransformerShape shape) {
    assertThat(Samples.float32(shape).numParams()).isEqualTo(shape.parameters());
  }

  /** L 1, C 2, H 1, F 3, V 5, T 4, by hand. */
  @Test
  void countsByHand() {
    TransformerShape shape = new TransformerShape(1, 2, 1, 3, 5, 4, true, true);
    // token 5·2, position 4·2, norms 3·(2+2), qkv 2·6+6, projection 2·2+2, up 2·3+3, down 3·2+2
    assertThat(Samples.float32(shape).numParams()).isEqualTo(10 + 8 + 12 + 18 + 6 + 9 + 8);
  }

  /** Published for GPT-2 small with its biases and tied head. */
  @Test
  void gpt2() {
    TransformerShape shape = TransformerShape.gpt2(12, 768, 12, 50257, 1024);
    assertThat(configured(shape)).isEqualTo(124_439_808L);
  }

  /** What nanoGPT prints for its CPU configuration on characters, with its positions added. */
  @Test
  void nanoGptOnCpu() {
    TransformerShape shape = TransformerShape.gpt2(4, 128, 4, 65, 64).withBias(false);
    assertThat(configured(shape)).isEqualTo(804_096L);
  }

  /** Published for Llama 7B (Touvron et al. 2023) and for Llama 2 70B, with fewer heads of keys. */
  @ParameterizedTest
  @CsvSource({"llama-7b,6738415616", "llama-2-70b,68976648192"})
  void llama(String name, long parameters) {
    assertThat(configured(Preset.named(name).orElseThrow().shape())).isEqualTo(parameters);
  }

  private static long configured(TransformerShape shape) {
    ComputationGraphConfiguration configuration =
        Transformer.configuration(shape, Recompute.NONE, Samples.OPTIMIZATION, 1, DataType.FLOAT);
    return configuration.getVertices().values().stream()
        .mapToLong(vertex -> vertex.numParams(true))
        .sum();
  }
}
