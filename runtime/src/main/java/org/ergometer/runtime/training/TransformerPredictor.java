package org.ergometer.runtime.training;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.models.transformer.Transformer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Predicts the next token by one forward pass over the whole window. */
public final class TransformerPredictor implements TextSampler.Predictor {

  private final ComputationGraph graph;
  private final int context;
  private final INDArray tokens;

  /** A predictor with the parameters that the model has at each call. */
  public TransformerPredictor(ComputationGraph graph) {
    this.graph = graph;
    this.context = Transformer.shape(graph).context();
    this.tokens = Nd4j.createUninitializedDetached(DataType.INT32, 1, context);
  }

  /** Tokens in a window, T. */
  public int context() {
    return context;
  }

  @Override
  public float[] logits(int[] window, int last) {
    tokens.data().setData(window);
    return Transformer.logits(graph, tokens).getRow(last).toFloatVector();
  }
}
