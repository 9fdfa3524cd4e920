package org.ergometer.models.transformer;

import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ergometer.accounting.input.InvalidInputException;
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
 * of its backward pass; it is booked as forward work all the same, unless one op does both. The
 * scale of mixed precision is in the gradient alone: the loss that is told is the loss.
 */
final class LossLayer extends TransformerLayer implements IOutputLayer {

  private final CrossEntropy crossEntropy;
  private final INDArray scale;
  private @Nullable INDArray targets;
  private boolean computed;

  LossLayer(NeuralNetConfiguration configuration, DataType dataType) {
    super(configuration, dataType);
    crossEntropy = CrossEntropy.of(ops, shape().vocabulary());
    scale = ops.constant(1);
  }

  /** Multiplies all gradients from now on, where the precision asks for that. */
  void scale(double factor) {
    scale.putScalar(0, factor);
  }

  /** Hands the logits through; computes the loss on the way where targets are set. */
  @Override
  INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
    if (targets != null) {
      compute(working(training, workspaces));
    }
    return workspaces.leverageTo(ArrayType.ACTIVATIONS, x);
  }

  @Override
  INDArray backward(@Nullable INDArray dy) {
    Memory working = memory.working();
    INDArray dLogits = memory.inputGradient(dy).like(input);
    if (!crossEntropy.backwardAlone()) {
      compute(working);
    }
    score = crossEntropy.backward(input, targetsOf(input), dLogits, working);
    computed = true;
    if (ops.precision().lossScaled()) {
      ops.multiply(dLogits, scale, dLogits);
    }
    return dLogits;
  }

  @Override
  public double computeScore(
      double fullNetworkRegScore, boolean training, LayerWorkspaceMgr workspaceMgr) {
    Scope scope = Scope.enter(layerConf().getLayerName());
    try {
      compute(working(training, workspaceMgr));
      return score + fullNetworkRegScore;
    } finally {
      scope.close();
    }
  }

  private void compute(Memory memory) {
    if (computed) {
      return;
    }
    Phase phase = Scope.current().phase();
    Scope scope = Scope.enter(phase == Phase.BACKWARD ? Phase.FORWARD : phase);
    try {
      score = crossEntropy.forward(input, targetsOf(input), memory);
      computed = true;
    } finally {
      scope.close();
    }
  }

  private INDArray targetsOf(INDArray logits) {
    INDArray tokens = Objects.requireNonNull(targets, "loss without targets");
    if (!tokens.dataType().isIntType() || tokens.length() != logits.size(0)) {
      throw new InvalidInputException(
          "targets must be one integer per logit row, got %s of %s for %s rows; pass token ids [B, T]"
              .formatted(tokens.length(), tokens.dataType(), logits.size(0)));
    }
    return tokens.reshape(tokens.length());
  }

  @Override
  public void setInput(INDArray newInput, LayerWorkspaceMgr workspaceMgr) {
    super.setInput(newInput, workspaceMgr);
    forget();
  }

  @Override
  public void clear() {
    super.clear();
    targets = null;
    forget();
  }

  private void forget() {
    computed = false;
    crossEntropy.clear();
  }

  @Override
  public boolean needsLabels() {
    return true;
  }

  @Override
  public void setLabels(@Nullable INDArray labels) {
    targets = labels;
    forget();
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
