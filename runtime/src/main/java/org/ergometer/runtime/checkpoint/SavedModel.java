package org.ergometer.runtime.checkpoint;

import java.io.IOException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.models.transformer.Transformer;

/** The newest model of a run, to be used, with its tokenizer. */
public record SavedModel(ComputationGraph model, Tokenizer tokenizer) {

  /**
   * Reads both.
   *
   * @throws IllegalArgumentException if one is not there or damaged, or they do not belong together
   */
  public static SavedModel read(RunDirectory directory) throws IOException {
    Tokenizer tokenizer = TokenizerFile.read(directory.tokenizer());
    ComputationGraph model = ModelFile.read(directory.lastModel());
    int rows = Transformer.shape(model).vocabulary();
    if (tokenizer.vocabularySize() > rows) {
      throw new InvalidInputException(
          "%s must have at most the %s tokens of the model %s, got %s; take both from one run"
              .formatted(
                  directory.tokenizer(), rows, directory.lastModel(), tokenizer.vocabularySize()));
    }
    return new SavedModel(model, tokenizer);
  }
}
