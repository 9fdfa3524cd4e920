package org.ergometer.models.transformer;

import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Softmax cross-entropy over tokens: the mean of −log p(target) in nats, over all B·T tokens.
 *
 * <p>Dimensions: B batch, T time, V vocabulary; logits [B·T, V], targets int [B, T]. The loss is
 * computed once for an input, whoever asks first. DL4J runs an output layer's forward work as part
 * of its backward pass; it is booked as forward work all the same.
 */
final class LossLayer extends TransformerLayer implements IOutputLayer {

  private final Kernel logSoftmax = new Kernel("log_softmax").integers(1);
  private final Kernel oneHot;
  private final INDArray total;
  private final INDArray inverseTokens;
  private @Nullable INDArray targets;
  private @Nullable Saved saved;

  /**
   * What was computed for the present input and targets, and what the backward pass needs of it.
   *
   * @param logProbabilities log p [B·T, V]
   * @param targetRows 1 at each row's target, 0 elsewhere [B·T, V]
   */
  private record Saved(INDArray logProbabilities, INDArray targetRows) {}

  LossLayer(NeuralNetConfiguration configuration, DataType dataType) {
    super(configuration, dataType);
    oneHot = new Kernel("onehot").integers(-1, shape().vocabulary()).reals(1, 0);
    total = ops.constant(0);
    inverseTokens = ops.constant(1);
  }

  /** Hands the logits through; computes the loss on the way where targets are set. */
  @Override
  INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
    if (targets != null) {
      compute(Memory.forwardWorking(workspaces, dataType));
    }
    return workspaces.leverageTo(ArrayType.ACTIVATIONS, x);
  }

  @Override
  INDArray backward(INDArray dy, LayerWorkspaceMgr workspaces) {
    Saved forward = compute(Memory.backwardWorking(workspaces, dataType));
    INDArray dLogits = Memory.activationGradients(workspaces, dataType).like(input);
    inverseTokens.putScalar(0, 1.0 / input.size(0));
    ops.exp(forward.logProbabilities, dLogits);
    ops.subtract(dLogits, forward.targetRows, dLogits);
    ops.multiply(dLogits, inverseTokens, dLogits);
    return dLogits;
  }

  @Override
  public double computeScore(
      double fullNetworkRegScore, boolean training, LayerWorkspaceMgr workspaceMgr) {
    Scope scope = Scope.enter(layerConf().getLayerName());
    try {
      compute(Memory.forwardWorking(workspaceMgr, dataType));
      return score + fullNetworkRegScore;
    } finally {
      scope.close();
    }
  }

  private Saved compute(Memory memory) {
    Saved present = saved;
    if (present != null) {
      return present;
    }
    Phase phase = Scope.current().phase();
    Scope scope = Scope.enter(phase == Phase.BACKWARD ? Phase.FORWARD : phase);
    try {
      Saved computed = compute(input, targetsOf(input), memory);
      saved = computed;
      return computed;
    } finally {
      scope.close();
    }
  }

  private Saved compute(INDArray logits, INDArray targetTokens, Memory memory) {
    INDArray logProbabilities = memory.like(logits);
    INDArray targetRows = memory.like(logits);
    INDArray picked = memory.like(logits);
    logSoftmax.run(logProbabilities, logits);
    oneHot.run(targetRows, targetTokens);
    ops.multiply(logProbabilities, targetRows, picked);
    ops.sumAll(picked, total);
    score = -total.getDouble(0) / logits.size(0);
    return new Saved(logProbabilities, targetRows);
  }

  private INDArray targetsOf(INDArray logits) {
    INDArray tokens = Objects.requireNonNull(targets, "loss without targets");
    if (!tokens.dataType().isIntType() || tokens.length() != logits.size(0)) {
      throw new IllegalArgumentException(
          "targets must be one integer per logit row, got %d of %s for %d rows; pass token ids [B, T]"
              .formatted(tokens.length(), tokens.dataType(), logits.size(0)));
    }
    return tokens.reshape(tokens.length());
  }

  @Override
  public void setInput(INDArray newInput, LayerWorkspaceMgr workspaceMgr) {
    super.setInput(newInput, workspaceMgr);
    saved = null;
  }

  @Override
  public void clear() {
    super.clear();
    targets = null;
    saved = null;
  }

  @Override
  public boolean needsLabels() {
    return true;
  }

  @Override
  public void setLabels(@Nullable INDArray labels) {
    targets = labels;
    saved = null;
  }

  @Override
  public @Nullable INDArray getLabels() {
    return targets;
  }

  @Override
  public INDArray computeScoreForExamples(double regularization, LayerWorkspaceMgr workspaceMgr) {
    throw unsupported();
  }

  @Override
  public double f1Score(DataSet data) {
    throw unsupported();
  }

  @Override
  public double f1Score(INDArray examples, INDArray labels) {
    throw unsupported();
  }

  @Override
  @Deprecated
  public int numLabels() {
    return shape().vocabulary();
  }

  @Override
  public void fit(DataSetIterator iterator) {
    throw unsupported();
  }

  @Override
  public void fit(INDArray examples, INDArray labels) {
    throw unsupported();
  }

  @Override
  public void fit(DataSet data) {
    throw unsupported();
  }

  @Override
  public void fit(INDArray examples, int[] labels) {
    throw unsupported();
  }

  @Override
  public int[] predict(INDArray examples) {
    throw unsupported();
  }

  @Override
  public List<String> predict(DataSet data) {
    throw unsupported();
  }

  private static UnsupportedOperationException unsupported() {
    return new UnsupportedOperationException(
        "this layer alone classifies nothing; use Transformer.loss or Transformer.logits");
  }
}
