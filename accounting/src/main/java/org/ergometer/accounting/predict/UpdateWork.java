package org.ergometer.accounting.predict;

import java.math.BigInteger;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * The work of one update of all parameters: the gradient's norm, the optimizer's rule, decoupled
 * decay of the matrices, and the subtraction. Scaling a gradient whose norm is above the limit is
 * one more operation for each parameter; it depends on the numbers, and is not in here unless all
 * gradients are scaled.
 *
 * @param rule FLOPs of the optimizer's rule for each parameter, as ND4J computes it
 * @param decay whether matrices decay apart from the rule
 * @param scaledLoss whether each gradient is divided by the loss's scale, together with its
 *     clipping
 * @param average whether a moving average of the parameters goes along
 * @param further FLOPs of the rule for the model beside those for each parameter
 */
public record UpdateWork(
    int rule, boolean decay, boolean scaledLoss, boolean average, long further) {

  /**
   * AdamW: v = b * v + g * g * c; m = a * m + g * d; u = (m * lr) / (sqrt(v) + e), and the decay u
   * + c * w (Loshchilov and Hutter 2019).
   */
  public static final UpdateWork ADAMW = new UpdateWork(11, true);

  /** s + g * g of the norm, and p - u. */
  private static final int NORM_AND_SUBTRACTION = 3;

  /** u + c * w. */
  private static final int DECAY = 2;

  /** g * s. */
  private static final int SCALING = 1;

  /** d * e + c * p. */
  private static final int AVERAGE = 3;

  /** Of a loss that is not scaled, without an average. */
  public UpdateWork(int rule, boolean decay) {
    this(rule, decay, false, false, 0);
  }

  public UpdateWork {
    if (rule < 0 || further < 0) {
      throw new InvalidInputException(
          "FLOPs of a rule must be >= 0, got %s and %s".formatted(rule, further));
    }
  }

  /** FLOPs of one step. */
  public BigInteger flops(TransformerShape shape) {
    BigInteger flops =
        BigInteger.valueOf(shape.parameters())
            .multiply(
                BigInteger.valueOf(
                    (long) NORM_AND_SUBTRACTION
                        + rule
                        + (scaledLoss ? SCALING : 0)
                        + (average ? AVERAGE : 0)));
    BigInteger root = BigInteger.ONE;
    return flops
        .add(root)
        .add(BigInteger.valueOf(further))
        .add(
            decay
                ? BigInteger.valueOf(shape.matrixParameters()).multiply(BigInteger.valueOf(DECAY))
                : BigInteger.ZERO);
  }
}
