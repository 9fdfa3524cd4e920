package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ergometer.accounting.nd4j.NativeCallProof;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.models.data.TokenSequence;
import org.ergometer.models.data.WindowOrder;
import org.ergometer.runtime.acceleration.Acceleration;
import org.ergometer.runtime.config.Setting;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.config.TrainConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proof that nothing goes past the count, over whole steps of the transformer. */
class TransformerNativeCallsTest {

  /** ND4J executes all, so that each op is one native call. */
  @Test
  void everyNativeCallOfTrainingStepsIsCountedOnce(@TempDir Path directory) {
    Map<OpFamily, Long> onData =
        NativeCallProof.requireEachCallCountedOnce(
            Steps.class, directory, "-D%s=%s".formatted(Acceleration.PROPERTY, Acceleration.OFF));

    assertThat(onData).containsKeys(OpFamily.CUSTOM);
    assertThat(onData.get(OpFamily.CUSTOM)).isGreaterThan(100);
  }

  /** Two steps of two batches each, and an evaluation. */
  static final class Steps {

    private Steps() {}

    public static void main(String[] arguments) {
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
      TransformerTraining training =
          TransformerTraining.create(config.model().shape(20), config.optimizer(), config.loop());
      int[] tokens = new Random(3).ints(500, 0, 20).toArray();
      TokenBatches batches =
          new TokenBatches(TokenSequence.of(tokens), 4, 8, WindowOrder.RANDOM, 1);
      NativeCallProof.log(
          () -> {
            training.fit(batches::next, 2);
            training.fit(batches::next, 2);
            training.evaluate(batches.next());
          });
    }
  }
}
