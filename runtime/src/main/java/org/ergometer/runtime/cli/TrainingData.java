package org.ergometer.runtime.cli;

import java.util.Objects;
import java.util.function.Consumer;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.data.TokenSplit;
import org.ergometer.models.tokenizer.ByteTokenizer;
import org.ergometer.models.tokenizer.Gpt2Tokenizer;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.runtime.checkpoint.BytePairFiles;
import org.ergometer.runtime.checkpoint.TokenizerFile;
import org.ergometer.runtime.config.DataConfig;
import org.ergometer.runtime.config.TokenizerChoice;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.data.Documents;
import org.ergometer.runtime.data.TextSources;
import org.ergometer.runtime.data.TokenCache;
import org.ergometer.runtime.data.TokenizedText;
import org.jspecify.annotations.Nullable;

/**
 * What a run learns from.
 *
 * @param sources where the text comes from
 * @param shape of the model, which follows from the configuration and the vocabulary
 */
record TrainingData(TextSources sources, TokenizedText text, TransformerShape shape) {

  /**
   * Reads and encodes the text, unless that was done before.
   *
   * @param say is told in a line of what takes long or is not as it should be
   * @throws IllegalArgumentException if a file cannot be read or holds too little
   */
  static TrainingData read(TrainConfig config, Consumer<String> say) {
    return read(config, new TokenCache(config.data().cache(), say));
  }

  /**
   * The same, with the tokens in a cache or nowhere.
   *
   * @throws IllegalArgumentException if a file cannot be read or holds too little
   */
  static TrainingData read(TrainConfig config, TokenCache cache) {
    Transformer.requireBuildable(config.model().sizes());
    DataConfig data = config.data();
    TextSources sources = TextSources.find(data.files());
    TokenizedText text =
        cache.tokens(
            new Documents(sources, data.field()),
            tokenizer(data.tokenizer()),
            data.special(),
            data.split(),
            config.model().sizes().context());
    return new TrainingData(sources, text, config.model().shape(text.tokenizer().vocabularySize()));
  }

  /** Null where the characters of the text make it. */
  static @Nullable Tokenizer tokenizer(TokenizerChoice choice) {
    return switch (choice.kind()) {
      case CHAR -> null;
      case BYTE -> new ByteTokenizer();
      case GPT2 -> new Gpt2Tokenizer();
      case BPE -> BytePairFiles.read(Objects.requireNonNull(choice.file()));
      case FILE -> TokenizerFile.read(Objects.requireNonNull(choice.file()));
    };
  }

  /** Name of the text. */
  String source() {
    return sources.name();
  }

  Tokenizer tokenizer() {
    return text.tokenizer();
  }

  TokenSplit split() {
    return text.split();
  }

  /** The same for the same tokens to train on and to validate with. */
  String digest() {
    return text.digest();
  }

  /** Number of tokens of the whole text. */
  long tokens() {
    return text.split().tokens();
  }
}
