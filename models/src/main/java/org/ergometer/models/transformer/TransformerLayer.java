package org.ergometer.models.transformer;

import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.predict.TransformerShape;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer of the transformer at run time: enters its scope, runs its hand-written pass.
 *
 * <p>What the backward pass needs is kept from the forward pass; nothing is computed twice, unless
 * recomputation is asked for.
 */
abstract class TransformerLayer extends BaseLayer<TransformerLayerConf> {

  final TensorOps ops;
  final Views views = new Views();
  final PassMemory memory;

  /** Of what the layer gives, while it is trained. */
  final Dropout dropout = new Dropout();

  private final String scopeName;

  TransformerLayer(NeuralNetConfiguration configuration, DataType dataType) {
    super(configuration, dataType);
    this.ops = new TensorOps(dataType);
    this.memory = new PassMemory(dataType);
    this.scopeName = layerConf().getLayerName();
    this.gradientViews = Map.of();
  }

  /** Output of the layer. */
  abstract INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces);

  /**
   * Sets the layer's parameter gradients and gives the gradient of its input; null for an input of
   * tokens.
   */
  abstract @Nullable INDArray backward(INDArray dy);

  @Override
  public final INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(false);
    Scope scope = Scope.enter(scopeName);
    try {
      return forward(input, training, workspaceMgr);
    } finally {
      scope.close();
    }
  }

  @Override
  public final Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(true);
    Scope scope = Scope.enter(scopeName);
    try {
      INDArray dx = backward(epsilon);
      return new Pair<>(parameterGradients(), dx);
    } finally {
      scope.close();
    }
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  final TransformerShape shape() {
    return layerConf().shape();
  }

  final INDArray parameter(String name) {
    return Objects.requireNonNull(params.get(name), name);
  }

  final @Nullable INDArray optionalParameter(String name) {
    return params.get(name);
  }

  /** Gradient of a parameter, to be overwritten by each backward pass. */
  final INDArray gradient(String name) {
    return Objects.requireNonNull(gradientViews.get(name), name);
  }

  final @Nullable INDArray optionalGradient(String name) {
    return gradientViews.get(name);
  }

  /** All parameters' gradients by name. */
  final Map<String, INDArray> gradients() {
    return gradientViews;
  }

  private Gradient parameterGradients() {
    Gradient gradient = new DefaultGradient();
    gradient.gradientForVariable().putAll(gradientViews);
    return gradient;
  }

  /** x [B, T, M] as a matrix [B·T, M], the same memory. */
  final INDArray rows(INDArray x) {
    return views.rows(x);
  }

  /** For what the layer hands on, and what its backward pass needs. */
  final Memory outputs(boolean training, LayerWorkspaceMgr workspaces) {
    return training ? memory.kept() : memory.activations(workspaces);
  }

  /** For what ends with a forward pass of the layer. */
  final Memory working(boolean training, LayerWorkspaceMgr workspaces) {
    return training ? memory.working() : memory.inferenceWorking(workspaces);
  }
}
