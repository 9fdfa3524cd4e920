package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.runtime.config.Setting;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.config.TrainConfig;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class TransformerTrainingTest {

  private static final int CONTEXT = 8;
  private static final int[] TOKENS = new Random(3).ints(500, 0, 20).toArray();

  @Test
  void accumulatedBatchesAreOneBigBatch() {
    try (TransformerTraining big = training();
        TransformerTraining small = training()) {
      TokenBatches twelve = new TokenBatches(TOKENS, 12, CONTEXT, 1);
      TokenBatches four = new TokenBatches(TOKENS, 4, CONTEXT, 1);
      for (int step = 0; step < 5; step++) {
        Trainable.Fitted all = big.fit(twelve::next, 1);
        Trainable.Fitted parts = small.fit(four::next, 3);
        assertThat(parts.loss()).isCloseTo(all.loss(), within(1e-5));
        assertThat(parts.gradientNorm()).isCloseTo(all.gradientNorm(), within(1e-5));
        assertThat(parts.learningRate()).isEqualTo(all.learningRate());
      }
      INDArray difference = big.graph().params().sub(small.graph().params());
      assertThat(difference.amaxNumber().doubleValue()).isLessThan(1e-4);
    }
  }

  @Test
  void aGradientThatIsNoNumberChangesNothing() {
    try (TransformerTraining training = training()) {
      TokenBatches batches = new TokenBatches(TOKENS, 4, CONTEXT, 1);
      training.fit(batches::next, 1);
      INDArray parameters = training.graph().params();
      float first = parameters.getFloat(0);
      parameters.putScalar(0, Float.NaN);
      INDArray before = parameters.dup();
      INDArray state = training.graph().getUpdater().getStateViewArray().dup();

      Trainable.Fitted lost = training.fit(batches::next, 1);

      assertThat(lost.applied()).isFalse();
      assertThat(lost.gradientNorm()).isNaN();
      parameters.putScalar(0, first);
      assertThat(parameters).isEqualTo(before.putScalar(0, first));
      assertThat(training.graph().getUpdater().getStateViewArray()).isEqualTo(state);
      assertThat(training.fit(batches::next, 1).applied()).isTrue();
    }
  }

  private static TransformerTraining training() {
    TrainConfig config =
        TrainConfig.of(
            Settings.standard()
                .over(
                    Map.of(
                        Setting.LAYERS, List.of("2"),
                        Setting.WIDTH, List.of("16"),
                        Setting.HEADS, List.of("2"),
                        Setting.CONTEXT, List.of("8"),
                        Setting.STEPS, List.of("20"))));
    TransformerShape shape = config.model().shape(20);
    return TransformerTraining.create(shape, config.optimizer(), config.loop());
  }
}
