package org.ergometer.runtime.config;

import org.ergometer.accounting.predict.TransformerShape;

/**
 * Sizes of the model; all but the vocabulary, which follows from the tokenizer.
 *
 * @param layers blocks, L
 * @param width model width, C
 * @param heads attention heads, H; divides {@code width}
 * @param ffn width of the feed-forward hidden layer
 * @param context tokens in a window, T
 * @param tied whether the head shares the token embedding
 * @param bias whether linear layers and norms have biases
 */
public record ModelConfig(
    int layers, int width, int heads, int ffn, int context, boolean tied, boolean bias) {

  private static final int ANY_VOCABULARY = 1;

  public ModelConfig {
    new TransformerShape(layers, width, heads, ffn, ANY_VOCABULARY, context, tied, bias);
  }

  static ModelConfig of(Settings settings) {
    int width = settings.integer(Setting.WIDTH);
    long fourfold = Math.min(4L * Math.max(width, 1), Integer.MAX_VALUE);
    return new ModelConfig(
        settings.integer(Setting.LAYERS),
        width,
        settings.integer(Setting.HEADS),
        settings.integer(Setting.FFN, (int) fourfold),
        settings.integer(Setting.CONTEXT),
        settings.on(Setting.TIED),
        settings.on(Setting.BIAS));
  }

  /** The whole shape, once the vocabulary is known. */
  public TransformerShape shape(int vocabulary) {
    return new TransformerShape(layers, width, heads, ffn, vocabulary, context, tied, bias);
  }
}
