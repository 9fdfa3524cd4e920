package org.ergometer.models.transformer;

import org.ergometer.accounting.input.InvalidInputException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.random.impl.DropOutInverted;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Inverted dropout (Srivastava et al. 2014): elements become 0 with a probability p, the others are
 * divided by 1 − p. It is linear, so that its gradient is itself.
 *
 * <p>No mask is kept: the backward pass puts ND4J's generator back to where it was, draws the same
 * numbers again, and lets it go on from where it had come to. That place is in a checkpoint.
 */
final class Dropout {

  private double keep = 1;
  private long rootState;
  private long nodeState;

  /** Sets p, which is 0 at first. */
  void probability(double p) {
    if (!(p >= 0 && p < 1)) {
      throw new InvalidInputException(
          "dropout must be >= 0 and < 1, got %s; set --dropout".formatted(p));
    }
    keep = 1 - p;
  }

  /** Whether anything is dropped. */
  boolean drops() {
    return keep < 1;
  }

  /** Drops elements of x in place, by numbers that were not drawn before. */
  void forward(INDArray x) {
    Random random = Nd4j.getRandom();
    rootState = random.rootState();
    nodeState = random.nodeState();
    draw(x, x, random);
  }

  /** Sets dx to dy without the elements that the last forward pass dropped; may be the same. */
  void backward(INDArray dy, INDArray dx) {
    Random random = Nd4j.getRandom();
    long root = random.rootState();
    long node = random.nodeState();
    random.setStates(rootState, nodeState);
    draw(dy, dx, random);
    random.setStates(root, node);
  }

  private void draw(INDArray x, INDArray y, Random random) {
    Nd4j.getExecutioner()
        .exec(new DropOutInverted(x.reshape(x.length()), y.reshape(y.length()), keep), random);
  }
}
