package org.ergometer.models.transformer;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.LayerNames;
import org.ergometer.accounting.predict.TransformerShape;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Reads a text piece by piece and predicts what follows: keys and values of earlier positions are
 * kept, so that a token costs the work of one position, and its attention that of those before it.
 * The prediction is the one that {@link Transformer#logits} makes of the whole text.
 *
 * <p>The model may be trained or evaluated between two calls, but what was read before was read by
 * the parameters of then.
 */
public final class Decoder {

  private final ComputationGraph graph;
  private final TransformerShape shape;
  private final EmbeddingLayer embedding;
  private final Head head;
  private final List<Cached> caches = new ArrayList<>();
  private int length;

  private record Cached(AttentionLayer layer, KeyValueCache cache) {}

  /** A decoder of an empty text. */
  public Decoder(ComputationGraph graph) {
    this.graph = graph;
    this.shape = Transformer.shape(graph);
    this.embedding = (EmbeddingLayer) graph.getLayer(LayerNames.EMBEDDING);
    this.head =
        graph.getVertex(LayerNames.HEAD) instanceof TiedHead tied
            ? tied.head()
            : ((HeadLayer) graph.getLayer(LayerNames.HEAD)).head();
    long width = (long) shape.keyValueHeads() * shape.headDim();
    for (Layer layer : graph.getLayers()) {
      if (layer instanceof AttentionLayer attention) {
        caches.add(
            new Cached(
                attention, new KeyValueCache(attention.ops.dataType(), shape.context(), width)));
      }
    }
  }

  /** Most tokens of a text, T. */
  public int context() {
    return shape.context();
  }

  /** Tokens read. */
  public int length() {
    return length;
  }

  /** Forgets the text. */
  public void clear() {
    length = 0;
  }

  /**
   * Reads on, and gives the logits [V] of the token that comes next.
   *
   * @param tokens that follow those read before, one at least
   * @throws IllegalArgumentException if they are more than the context has room for, or one of them
   *     is not in the vocabulary
   */
  public float[] read(int... tokens) {
    if (tokens.length == 0 || length + tokens.length > shape.context()) {
      throw new InvalidInputException(
          "a text must go on by 1 to %s tokens, got %s; clear the decoder or read fewer"
              .formatted(shape.context() - length, tokens.length));
    }
    for (int token : tokens) {
      TokenIds.require(token, shape);
    }
    goOn(length);
    try {
      float[] logits =
          graph
              .outputSingle(false, Nd4j.createFromArray(tokens).reshape(1, tokens.length))
              .toFloatVector();
      length += tokens.length;
      return logits;
    } finally {
      letGo();
    }
  }

  private void goOn(int position) {
    embedding.begin(position);
    head.lastRowOnly(true);
    for (Cached cached : caches) {
      cached.cache.length(position);
      cached.layer.cache(cached.cache);
    }
  }

  private void letGo() {
    embedding.begin(0);
    head.lastRowOnly(false);
    for (Cached cached : caches) {
      cached.layer.cache(null);
    }
  }
}
