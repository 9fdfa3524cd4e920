package org.ergometer.models.transformer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ergometer.accounting.predict.LayerNames;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Norm after the last block, [B, T, C] to [B, T, C]: B batch, T time, C width. */
final class NormLayer extends TransformerLayer {

  private final Normalization norm;

  NormLayer(NeuralNetConfiguration configuration, DataType dataType) {
    super(configuration, dataType);
    norm = new Normalization(this, Sublayer.NORM, LayerNames.FINAL_NORM);
  }

  @Override
  INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
    Memory outputs = outputs(training, workspaces);
    INDArray y = outputs.like(x);
    norm.forward(rows(x), rows(y), training ? outputs : memory.inferenceWorking(workspaces));
    return y;
  }

  @Override
  INDArray backward(INDArray dy) {
    INDArray dx = memory.inputGradient(dy).like(dy);
    norm.backward(rows(dy), rows(dx), memory.working());
    return dx;
  }

  @Override
  public void clear() {
    super.clear();
    norm.clear();
  }
}
