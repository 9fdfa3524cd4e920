package org.ergometer.accounting.plan;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * The rule of thumb: a fixed number of tokens for each parameter. With C = 6·N·D and D = r·N, N is
 * √(C/(6·r)). It predicts no loss.
 *
 * @param ratio r; 20 after Chinchilla, 1.4T tokens for 70B parameters (Hoffmann et al. 2022)
 */
public record TokensPerParameter(double ratio) implements ScalingLaw {

  public static final String NAME = "tokens-per-parameter";

  public TokensPerParameter {
    if (!(ratio > 0) || Double.isInfinite(ratio)) {
      throw new InvalidInputException(
          "ratio must be > 0 tokens per parameter, got %s; set --ratio".formatted(ratio));
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String formula() {
    return String.format(Locale.ROOT, "D = %s N", ratio);
  }

  @Override
  public String source() {
    return "rule of thumb after Chinchilla, 1.4T tokens for 70B parameters (Hoffmann et al. 2022)";
  }

  @Override
  public Allocation optimum(double flops) {
    return Allocation.ofRatio(Budget.valid(flops), ratio);
  }

  @Override
  public OptionalDouble loss(Allocation allocation) {
    return OptionalDouble.empty();
  }

  @Override
  public Optional<FittedRange> range() {
    return Optional.empty();
  }
}
