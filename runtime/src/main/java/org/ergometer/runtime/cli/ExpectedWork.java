package org.ergometer.runtime.cli;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.reconcile.Cause;
import org.ergometer.accounting.reconcile.Explanation;
import org.ergometer.runtime.checkpoint.Work;
import org.ergometer.runtime.config.TrainConfig;

/** The work that a run's parts must take, from its configuration alone. */
final class ExpectedWork {

  private final TrainConfig config;
  private final TransformerShape shape;

  ExpectedWork(TrainConfig config, TransformerShape shape) {
    this.config = config;
    this.shape = shape;
  }

  /** Of training on some windows. */
  MatrixProducts training(long sequences) {
    return MatrixProducts.trainingStep(
        shape, sequences, shape.context(), config.model().recompute());
  }

  /** Of one step. */
  MatrixProducts step() {
    return training(config.loop().stepSequences());
  }

  /** Of one pass over the evaluation set. */
  MatrixProducts evaluation() {
    return forward(config.loop().evaluationWindows(shape.context()), Phase.EVALUATION);
  }

  /**
   * What a run executed beside the steps that count.
   *
   * @param kept work that need not be done again
   * @param lost work that was done and is lost
   */
  List<Explanation> besideTraining(Work kept, Work lost) {
    MatrixProducts evaluated = forward(1, Phase.EVALUATION);
    MatrixProducts trained = training(1);
    Work executed = kept.plus(lost);
    List<Explanation> explanations = new ArrayList<>();
    explanations.add(
        new Explanation.Predicted(Cause.EVALUATION, evaluated.times(kept.evaluated())));
    explanations.add(
        new Explanation.Predicted(
            Cause.SAMPLING, MatrixProducts.decoding(shape, executed.sampled(), Phase.OTHER)));
    explanations.add(
        new Explanation.OtherWork(
            Cause.CLIPPING, Scope.NO_LAYER, Phase.UPDATE, ofParameters(executed.clipped())));
    explanations.add(
        new Explanation.OtherWork(
            Cause.ACCUMULATION,
            Scope.NO_LAYER,
            Phase.BACKWARD,
            ofParameters(executed.accumulated())));
    if (kept.skipped() > 0) {
      explanations.add(new Explanation.Predicted(Cause.SKIPPED, trained.times(kept.skipped())));
    }
    if (lost.steps() > 0) {
      explanations.add(
          new Explanation.Predicted(
              Cause.REDONE,
              trained.times(lost.sequences()).plus(evaluated.times(lost.evaluated()))));
    }
    return explanations;
  }

  /** An operation for every parameter, so many times: a scaling, a sum or a division. */
  private BigInteger ofParameters(long times) {
    return BigInteger.valueOf(shape.parameters()).multiply(BigInteger.valueOf(times));
  }

  private MatrixProducts forward(long sequences, Phase phase) {
    return MatrixProducts.forwardPass(shape, sequences, shape.context(), phase);
  }
}
