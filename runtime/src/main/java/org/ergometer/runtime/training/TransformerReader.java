package org.ergometer.runtime.training;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.models.transformer.Decoder;
import org.ergometer.models.transformer.Transformer;

/** Reads text with a transformer, each token once. */
public final class TransformerReader implements TextSampler.Reader {

  private final ComputationGraph graph;
  private final Decoder decoder;

  /** A reader with the parameters that the model has at each call. */
  public TransformerReader(ComputationGraph graph) {
    this.graph = graph;
    this.decoder = new Decoder(graph);
  }

  @Override
  public int context() {
    return decoder.context();
  }

  @Override
  public Transformer.Held holdWeights() {
    return Transformer.holdWeights(graph);
  }

  @Override
  public void clear() {
    decoder.clear();
  }

  @Override
  public float[] read(int... tokens) {
    return decoder.read(tokens);
  }
}
