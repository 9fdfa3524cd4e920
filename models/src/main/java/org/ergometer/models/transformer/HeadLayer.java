package org.ergometer.models.transformer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Output head with a vocabulary matrix of its own; see {@link Head} for dimensions. */
final class HeadLayer extends TransformerLayer {

  private final Head head;

  HeadLayer(NeuralNetConfiguration configuration, DataType dataType) {
    super(configuration, dataType);
    head = new Head(ops, views);
  }

  Head head() {
    return head;
  }

  @Override
  INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
    return head.forward(x, parameter(Sublayer.HEAD_WEIGHT), outputs(training, workspaces));
  }

  @Override
  INDArray backward(INDArray dy) {
    return head.backward(
        input,
        parameter(Sublayer.HEAD_WEIGHT),
        gradient(Sublayer.HEAD_WEIGHT),
        dy,
        memory.inputGradient(dy),
        memory.working());
  }
}
