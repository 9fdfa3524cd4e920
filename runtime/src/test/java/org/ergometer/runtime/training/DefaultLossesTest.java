package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.ergometer.models.data.Corpus;
import org.ergometer.models.data.EvaluationSet;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.models.data.TokenSequence;
import org.ergometer.models.data.TokenSplit;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.runtime.config.LoopConfig;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.config.TrainConfig;
import org.junit.jupiter.api.Test;

/** The first losses of the default run: any change of data, model or optimizer moves them. */
class DefaultLossesTest {

  /** Processors and numbers of threads add up in another order, and differences grow by steps. */
  private static final double RELATIVE_TOLERANCE = 1e-3;

  private static final double[] LOSSES = {
    4.36042, 4.32853, 4.29288, 4.24982, 4.17943, 4.09762, 4.03605, 3.95526, 3.91897, 3.87078
  };

  @Test
  void theFirstTenLossesAreThoseOfTheFirstDay() throws IOException {
    List<Double> losses = firstLosses();

    assertThat(losses).as(losses.toString()).hasSize(LOSSES.length);
    for (int step = 0; step < LOSSES.length; step++) {
      assertThat(losses.get(step))
          .as("loss of step %d", step + 1)
          .isCloseTo(LOSSES[step], within(RELATIVE_TOLERANCE * LOSSES[step]));
    }
  }

  @Test
  void sameSeedGivesSameNumbers() throws IOException {
    assertThat(firstLosses()).isEqualTo(firstLosses());
  }

  private static List<Double> firstLosses() throws IOException {
    TrainConfig config = TrainConfig.of(Settings.standard());
    LoopConfig loop = config.loop();
    int context = config.model().sizes().context();
    Corpus corpus = Corpus.standard();
    CharacterTokenizer tokenizer = CharacterTokenizer.of(corpus.text());
    TokenSplit split = TokenSplit.tail(TokenSequence.of(tokenizer.encode(corpus.text())), context);
    List<Double> losses = new ArrayList<>();
    try (TransformerTraining model =
        TransformerTraining.create(
            config.model().shape(tokenizer.vocabularySize()), config.optimizer(), loop)) {
      new Trainer(
              model,
              new TokenBatches(
                  split.training(), loop.batch(), context, config.data().order(), loop.seed()),
              loop.accumulate(),
              new EvaluationSet(split.validation(), loop.batch(), loop.batch(), context),
              false,
              () -> null,
              System::nanoTime)
          .run(
              loop.steps(),
              loop.evalEvery(),
              () -> losses.size() == 10,
              List.of(step -> losses.add(step.loss())));
    }
    return losses;
  }
}
