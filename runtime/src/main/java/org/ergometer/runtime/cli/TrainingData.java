package org.ergometer.runtime.cli;

import java.util.Objects;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.data.Corpus;
import org.ergometer.models.data.TokenSplit;
import org.ergometer.models.tokenizer.ByteTokenizer;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.models.tokenizer.Gpt2Tokenizer;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.runtime.checkpoint.BytePairFiles;
import org.ergometer.runtime.config.TokenizerChoice;
import org.ergometer.runtime.config.TrainConfig;

/**
 * What a run learns from.
 *
 * @param source name of the text
 * @param shape of the model, which follows from the configuration and the vocabulary
 */
record TrainingData(String source, Tokenizer tokenizer, TokenSplit split, TransformerShape shape) {

  /**
   * Reads and encodes the text.
   *
   * @throws IllegalArgumentException if a file cannot be read or holds too little
   */
  static TrainingData read(TrainConfig config) {
    Transformer.requireBuildable(config.model().sizes());
    Corpus corpus =
        config.data().files().isEmpty() ? Corpus.standard() : Corpus.read(config.data().files());
    Tokenizer tokenizer = tokenizer(config.data().tokenizer(), corpus);
    TokenSplit split =
        TokenSplit.of(tokenizer.encode(corpus.text()), config.model().sizes().context());
    TransformerShape shape = config.model().shape(tokenizer.vocabularySize());
    return new TrainingData(corpus.name(), tokenizer, split, shape);
  }

  private static Tokenizer tokenizer(TokenizerChoice choice, Corpus corpus) {
    return switch (choice.kind()) {
      case CHAR -> CharacterTokenizer.of(corpus.text());
      case BYTE -> new ByteTokenizer();
      case GPT2 -> new Gpt2Tokenizer();
      case BPE -> BytePairFiles.read(Objects.requireNonNull(choice.file()));
    };
  }

  /** Number of tokens of the whole text. */
  long tokens() {
    return (long) split.training().length + split.validation().length;
  }
}
