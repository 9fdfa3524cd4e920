package org.ergometer.models.transformer;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Arrays in one of DL4J's workspaces, as inference has them: DL4J decides how long results live.
 *
 * @param manager the workspaces of the running pass
 * @param arrayType how long its arrays live
 * @param dataType element type of its arrays
 */
record WorkspaceMemory(LayerWorkspaceMgr manager, ArrayType arrayType, DataType dataType)
    implements Memory {

  @Override
  public Memory as(DataType other) {
    return new WorkspaceMemory(manager, arrayType, other);
  }

  @Override
  public INDArray array(long... shape) {
    return manager.createUninitialized(arrayType, dataType, shape, 'c');
  }
}
