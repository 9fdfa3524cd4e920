package org.ergometer.examples.peer;

import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.models.tokenizer.Gpt2Tokenizer;
import org.ergometer.models.tokenizer.Tokenizer;

/** The models that are compared: GPT-2-style decoders without biases, their head tied. */
enum PeerShape {
  /** What {@code ergometer train} builds without options. */
  DEFAULT(4, 4, 128, 77, 64, 12),
  /** Wider, with a longer context. */
  MEDIUM(6, 6, 384, 77, 256, 8),
  /** With GPT-2's vocabulary. */
  LARGE(8, 8, 512, 50_257, 256, 4);

  private static final int GPT2_VOCABULARY = 50_257;

  private final int layers;
  private final int heads;
  private final int width;
  private final int vocabulary;
  private final int context;
  private final int batch;

  PeerShape(int layers, int heads, int width, int vocabulary, int context, int batch) {
    this.layers = layers;
    this.heads = heads;
    this.width = width;
    this.vocabulary = vocabulary;
    this.context = context;
    this.batch = batch;
  }

  TransformerShape shape() {
    return TransformerShape.gpt2(layers, width, heads, vocabulary, context).withBias(false);
  }

  /** Sequences in a step, B. */
  int batch() {
    return batch;
  }

  /** Tokens in a step, B·T. */
  int tokens() {
    return batch * context;
  }

  /** FLOPs of a step's matrix products, the full attention square included. */
  double flops() {
    return MatrixProducts.trainingStep(shape(), batch, context).flops().doubleValue();
  }

  /** The tokenizer whose vocabulary, on the default corpus, is this shape's. */
  Tokenizer tokenizer(String text) {
    return vocabulary == GPT2_VOCABULARY ? new Gpt2Tokenizer() : CharacterTokenizer.of(text);
  }
}
