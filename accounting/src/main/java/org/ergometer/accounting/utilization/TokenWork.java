package org.ergometer.accounting.utilization;

import org.ergometer.accounting.input.InvalidInputException;

/**
 * FLOPs that training takes for one token, in three parts that utilizations tell apart.
 *
 * @param parameterFlops of the products with parameters, 6 for each parameter that is multiplied
 * @param attentionFlops of the products of activations with one another, 12·L·H·k·T as a rule
 * @param recomputeFlops done a second time to save memory
 */
public record TokenWork(double parameterFlops, double attentionFlops, double recomputeFlops) {

  public TokenWork {
    if (!(parameterFlops > 0) || Double.isInfinite(parameterFlops)) {
      throw new InvalidInputException(
          "FLOPs per token must be > 0, got %s; give a model or --parameters"
              .formatted(parameterFlops));
    }
    atLeastZero("attention FLOPs per token", attentionFlops);
    atLeastZero("recompute-flops-per-token", recomputeFlops);
  }

  /** What the model needs, however it is executed. */
  public double modelFlops() {
    return parameterFlops + attentionFlops;
  }

  /** What the hardware does. */
  public double hardwareFlops() {
    return modelFlops() + recomputeFlops;
  }

  private static void atLeastZero(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new InvalidInputException("%s must be >= 0, got %s".formatted(name, value));
    }
  }
}
