package org.ergometer.accounting.plan;

import org.ergometer.accounting.input.InvalidInputException;

/** Sizes and tokens of the runs that a law was fitted to; beyond them it is extrapolated. */
public record FittedRange(
    double leastParameters, double mostParameters, double leastTokens, double mostTokens) {

  public FittedRange {
    ordered("parameters", leastParameters, mostParameters);
    ordered("tokens", leastTokens, mostTokens);
  }

  /** Whether both the model and its tokens lie within. */
  public boolean contains(Allocation allocation) {
    return allocation.parameters() >= leastParameters
        && allocation.parameters() <= mostParameters
        && allocation.tokens() >= leastTokens
        && allocation.tokens() <= mostTokens;
  }

  private static void ordered(String name, double least, double most) {
    if (!(least > 0 && least <= most) || Double.isInfinite(most)) {
      throw new InvalidInputException(
          "%s of the fit must be two numbers above 0, the smaller first, got %s and %s"
              .formatted(name, least, most));
    }
  }
}
