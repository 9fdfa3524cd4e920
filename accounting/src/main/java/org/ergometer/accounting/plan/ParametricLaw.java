package org.ergometer.accounting.plan;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * L(N, D) = E + A/N^α + B/D^β (Hoffmann et al. 2022, equation 2). At its minimum for C = 6·N·D, N
 * is G·(C/6)^a and D is G⁻¹·(C/6)^b, where G = (α·A/(β·B))^(1/(α+β)), a = β/(α+β), b = α/(α+β)
 * (equation 4).
 *
 * @param irreducible E, nats per token that no model of this text can do without
 * @param parameterFactor A
 * @param tokenFactor B
 * @param parameterExponent α
 * @param tokenExponent β
 * @param fitted where it was fitted; null if nobody says
 */
public record ParametricLaw(
    String name,
    String source,
    double irreducible,
    double parameterFactor,
    double tokenFactor,
    double parameterExponent,
    double tokenExponent,
    @Nullable FittedRange fitted)
    implements ScalingLaw {

  /** Over 400 models of 70M to 16B parameters on 5B to 500B tokens (Hoffmann et al. 2022). */
  private static final FittedRange CHINCHILLA_RUNS = new FittedRange(70e6, 16e9, 5e9, 500e9);

  /** The constants as printed; being rounded, they do not give the paper's own table A3. */
  public static final ParametricLaw HOFFMANN =
      new ParametricLaw(
          "hoffmann",
          "Hoffmann et al. 2022, appendix D.3, constants rounded as printed",
          1.69,
          406.4,
          410.7,
          0.34,
          0.28,
          CHINCHILLA_RUNS);

  /** The constants with the digits that the source text of the paper has. */
  public static final ParametricLaw HOFFMANN_PRECISE =
      new ParametricLaw(
          "hoffmann-precise",
          "Hoffmann et al. 2022, unrounded constants as given by Besiroglu et al. 2024",
          1.69337,
          406.401,
          410.723,
          0.33917084,
          0.2849083,
          CHINCHILLA_RUNS);

  /** The same runs, read off the paper's figure and fitted anew. */
  public static final ParametricLaw BESIROGLU =
      new ParametricLaw(
          "besiroglu",
          "Besiroglu et al. 2024, a replication on the runs of Hoffmann et al. 2022",
          1.8172,
          482.01,
          2085.43,
          0.3478,
          0.3658,
          CHINCHILLA_RUNS);

  public ParametricLaw {
    if (!(irreducible >= 0) || Double.isInfinite(irreducible)) {
      throw new InvalidInputException("E must be >= 0, got " + irreducible);
    }
    positive("A", parameterFactor);
    positive("B", tokenFactor);
    positive("alpha", parameterExponent);
    positive("beta", tokenExponent);
  }

  /** The published laws. */
  public static List<ParametricLaw> published() {
    return List.of(HOFFMANN, HOFFMANN_PRECISE, BESIROGLU);
  }

  @Override
  public String formula() {
    return "L = %s + %s/N^%s + %s/D^%s"
        .formatted(irreducible, parameterFactor, parameterExponent, tokenFactor, tokenExponent);
  }

  @Override
  public Allocation optimum(double flops) {
    double exponents = parameterExponent + tokenExponent;
    double factor =
        Math.pow(
            (parameterExponent * parameterFactor) / (tokenExponent * tokenFactor), 1 / exponents);
    double products = Budget.valid(flops) / 6;
    return new Allocation(
        factor * Math.pow(products, tokenExponent / exponents),
        Math.pow(products, parameterExponent / exponents) / factor);
  }

  @Override
  public OptionalDouble loss(Allocation allocation) {
    return OptionalDouble.of(
        irreducible
            + parameterFactor / Math.pow(allocation.parameters(), parameterExponent)
            + tokenFactor / Math.pow(allocation.tokens(), tokenExponent));
  }

  @Override
  public Optional<FittedRange> range() {
    return Optional.ofNullable(fitted);
  }

  private static void positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new InvalidInputException("%s must be > 0, got %s".formatted(name, value));
    }
  }
}
