package org.ergometer.models.transformer;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where new arrays of one kind go: a DL4J workspace, chosen by how long they must live.
 *
 * @param manager the workspaces of the running pass
 * @param arrayType how long its arrays live
 * @param dataType element type of its arrays
 */
record Memory(LayerWorkspaceMgr manager, ArrayType arrayType, DataType dataType) {

  /** Arrays that the backward pass needs; those of inference end with the layer's call. */
  static Memory saved(LayerWorkspaceMgr manager, boolean training, DataType dataType) {
    return new Memory(
        manager, training ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM, dataType);
  }

  /** What a layer hands on. */
  static Memory activations(LayerWorkspaceMgr manager, DataType dataType) {
    return new Memory(manager, ArrayType.ACTIVATIONS, dataType);
  }

  /** What a layer hands back. */
  static Memory activationGradients(LayerWorkspaceMgr manager, DataType dataType) {
    return new Memory(manager, ArrayType.ACTIVATION_GRAD, dataType);
  }

  /** Arrays that end with the layer's call in the forward pass. */
  static Memory forwardWorking(LayerWorkspaceMgr manager, DataType dataType) {
    return new Memory(manager, ArrayType.FF_WORKING_MEM, dataType);
  }

  /** Arrays that end with the layer's call in the backward pass. */
  static Memory backwardWorking(LayerWorkspaceMgr manager, DataType dataType) {
    return new Memory(manager, ArrayType.BP_WORKING_MEM, dataType);
  }

  /** A new array in c-order, its contents undefined. */
  INDArray array(long... shape) {
    return manager.createUninitialized(arrayType, dataType, shape, 'c');
  }

  /** A new array of the same shape as {@code other}. */
  INDArray like(INDArray other) {
    return array(other.shape());
  }
}
