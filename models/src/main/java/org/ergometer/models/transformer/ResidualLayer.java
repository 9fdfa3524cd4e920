package org.ergometer.models.transformer;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.predict.Recompute;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Half of a pre-norm block, y = x + dropout(f(x)), with gradient checkpointing where that is wanted
 * (Chen et al. 2016): then it keeps its input alone, and its backward pass begins with the forward
 * pass once more, booked as {@link Phase#RECOMPUTE}.
 *
 * <p>Dimensions: B batch, T time, C width; x and y [B, T, C].
 */
abstract class ResidualLayer extends TransformerLayer {

  ResidualLayer(NeuralNetConfiguration configuration, DataType dataType) {
    super(configuration, dataType);
  }

  /**
   * Sets y to f(x).
   *
   * @param kept where arrays go that the backward pass needs
   * @param working where arrays go that end with the call
   */
  abstract void branch(INDArray x, INDArray y, Memory kept, Memory working);

  /**
   * Sets the gradients of parameters for that of f(x), with what the forward pass kept; gives that
   * of x as rows, which may be those of dx.
   */
  abstract INDArray backward(INDArray dy, INDArray dx, Memory working);

  /** Forgets what the forward pass kept; its memory may be gone. */
  abstract void forget();

  @Override
  final INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
    boolean keeps = training && recompute() != Recompute.FULL;
    Memory outputs = outputs(training, workspaces);
    Memory working = working(training, workspaces);
    INDArray y = outputs.like(x);
    branch(x, y, keeps ? outputs : working, working);
    if (training && dropout.drops()) {
      dropout.forward(y);
    }
    ops.add(y, x, y);
    if (!keeps) {
      forget();
    }
    return y;
  }

  @Override
  final INDArray backward(INDArray dy) {
    Memory working = memory.working();
    INDArray dx = memory.inputGradient(dy).like(dy);
    if (recompute() == Recompute.FULL) {
      recompute(working);
    }
    INDArray dBranch = dy;
    if (dropout.drops()) {
      dBranch = working.like(dy);
      dropout.backward(dy, dBranch);
    }
    ops.add(backward(dBranch, dx, working), rows(dy), rows(dx));
    return dx;
  }

  /**
   * Where inputs of weights' products go: the backward pass needs them as they were multiplied, and
   * where they were rounded it has those.
   */
  final Memory inputs(Memory kept, Memory working) {
    return ops.precision().mixed() ? working : kept;
  }

  private void recompute(Memory working) {
    INDArray x = Objects.requireNonNull(input, "backward without forward");
    Scope scope = Scope.enter(Phase.RECOMPUTE);
    try {
      INDArray y = working.like(x);
      branch(x, y, working, working);
      ops.add(y, x, y);
    } finally {
      scope.close();
    }
  }

  final Recompute recompute() {
    return layerConf().recompute();
  }

  @Override
  public final void clear() {
    super.clear();
    forget();
  }
}
