package org.ergometer.accounting.predict;

/**
 * Sizes of a decoder-only transformer in the manner of GPT-2 (Radford et al. 2019): learned token
 * and position embeddings, pre-norm blocks of causal self-attention and a GELU feed-forward
 * network, a final norm and an output head.
 *
 * @param layers number of blocks, L
 * @param width model width, C (also d_model)
 * @param heads attention heads, H; divides {@code width}
 * @param feedForward width of the feed-forward hidden layer, 4·C in GPT-2
 * @param vocabulary number of distinct tokens, V
 * @param context longest sequence, T
 * @param tied whether the output head shares the token embedding's matrix
 * @param bias whether linear layers and norms have biases
 */
public record TransformerShape(
    int layers,
    int width,
    int heads,
    int feedForward,
    int vocabulary,
    int context,
    boolean tied,
    boolean bias) {

  public TransformerShape {
    atLeastOne("layers", layers);
    atLeastOne("width", width);
    atLeastOne("heads", heads);
    atLeastOne("ffn", feedForward);
    atLeastOne("vocabulary", vocabulary);
    atLeastOne("context", context);
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "width must be a multiple of heads, got width %d and heads %d; set --width or --heads"
              .formatted(width, heads));
    }
  }

  /** The shape with GPT-2's defaults: feed-forward 4·width, tied head, biases. */
  public static TransformerShape gpt2(
      int layers, int width, int heads, int vocabulary, int context) {
    return new TransformerShape(
        layers, width, heads, Math.multiplyExact(4, width), vocabulary, context, true, true);
  }

  public TransformerShape withBias(boolean newBias) {
    return new TransformerShape(
        layers, width, heads, feedForward, vocabulary, context, tied, newBias);
  }

  public TransformerShape withTied(boolean newTied) {
    return new TransformerShape(
        layers, width, heads, feedForward, vocabulary, context, newTied, bias);
  }

  /** Width of one head, k = C / H. */
  public int headDim() {
    return width / heads;
  }

  /** Width of all heads together, a = H·k. */
  public int attentionWidth() {
    return heads * headDim();
  }

  /** All trainable parameters, N; a tied matrix counts once. */
  public long parameters() {
    long head = tied ? 0 : (long) vocabulary * width;
    return nonEmbeddingParameters() + (long) vocabulary * width + (long) context * width + head;
  }

  /**
   * Parameters of blocks and final norm: without token and position embeddings and without an
   * untied head (Kaplan et al. 2020, section 2.1).
   */
  public long nonEmbeddingParameters() {
    long matrices = 4L * width * width + 2L * width * feedForward;
    long biases = bias ? 3L * width + width + feedForward + width : 0;
    return layers * (2 * normParameters() + matrices + biases) + normParameters();
  }

  private long normParameters() {
    return bias ? 2L * width : width;
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "%s must be >= 1, got %d; set --%s".formatted(name, value, name));
    }
  }
}
