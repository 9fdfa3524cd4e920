package org.ergometer.accounting.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScalingLawTest {

  @Test
  void optimaOfThePublishedLaws() {
    assertOptimum(ParametricLaw.HOFFMANN, 1.8242e9, 9.1363e10, 2.3289);
    assertOptimum(ParametricLaw.HOFFMANN_PRECISE, 2.2170e9, 7.5178e10, 2.2955);
    assertOptimum(ParametricLaw.BESIROGLU, 2.7785e9, 5.9985e10, 2.3055);
  }

  private static void assertOptimum(ScalingLaw law, double parameters, double tokens, double loss) {
    Allocation optimum = law.optimum(1e21);

    assertThat(optimum.parameters() / parameters).isCloseTo(1, within(1e-4));
    assertThat(optimum.tokens() / tokens).isCloseTo(1, within(1e-4));
    assertThat(optimum.flops() / 1e21).isCloseTo(1, within(1e-12));
    assertThat(law.loss(optimum).orElseThrow()).isCloseTo(loss, within(5e-5));
    // no neighbour on the same budget does better
    for (double factor : new double[] {0.99, 1.01}) {
      Allocation beside = new Allocation(optimum.parameters() * factor, optimum.tokens() / factor);
      assertThat(law.loss(beside).orElseThrow()).isGreaterThan(law.loss(optimum).orElseThrow());
    }
  }

  /**
   * Hoffmann et al. 2022, table A3, approach 3: FLOPs, parameters in billions. The unrounded
   * constants give it within 8 %; the printed ones are 18 to 31 % too low. 175 billion stand with
   * 1.26e24 FLOPs there, a misprint of their 12.0 trillion tokens' 1.26e25.
   */
  @ParameterizedTest
  @CsvSource({
    "2.21e19, 0.4",
    "1.62e20, 1",
    "2.46e22, 10",
    "1.71e24, 67",
    "1.26e25, 175",
    "3.52e25, 280",
    "1.36e26, 520",
    "5.65e26, 1000",
    "8.55e28, 10000",
  })
  void hoffmannsOwnTable(double flops, double billions) {
    double precise = ParametricLaw.HOFFMANN_PRECISE.optimum(flops).parameters();
    double rounded = ParametricLaw.HOFFMANN.optimum(flops).parameters();

    assertThat(precise / (billions * 1e9)).isBetween(0.92, 1.0);
    assertThat(rounded / (billions * 1e9)).isBetween(0.69, 0.82);
  }

  /**
   * Why they do not give it exactly: the table is one power law of its own, D =
   * 27.1e9·(N/1e9)^1.18, so N is proportional to C^0.459. A fit's exponent is β/(α + β): 0.4565 of
   * the unrounded constants, 0.4516 of the printed ones. It was made with another fit than the one
   * that the paper prints. Two rows have tokens and FLOPs of a model 4 % larger than they say, 67
   * and 280 billion.
   */
  @ParameterizedTest
  @CsvSource({"0.4, 9.2e9", "10, 410.1e9", "175, 12.0e12", "520, 43.5e12", "1000, 94.1e12"})
  void hoffmannsOwnTableIsOfAnotherFit(double billions, double tokens) {
    assertThat(27.1e9 * Math.pow(billions, 1.1803) / tokens).isCloseTo(1, within(0.005));
    assertThat(exponent(ParametricLaw.HOFFMANN_PRECISE)).isCloseTo(0.4565, within(5e-5));
    assertThat(exponent(ParametricLaw.HOFFMANN)).isCloseTo(0.4516, within(5e-5));
  }

  private static double exponent(ScalingLaw law) {
    return Math.log10(law.optimum(1e22).parameters() / law.optimum(1e21).parameters());
  }

  /** Chinchilla: 6 · 70e9 · 1.4e12 = 5.88e23 at 20 tokens a parameter. */
  @Test
  void tokensPerParameter() {
    TokensPerParameter law = new TokensPerParameter(20);
    Allocation chinchilla = law.optimum(5.88e23);

    assertThat(chinchilla.parameters() / 70e9).isCloseTo(1, within(1e-12));
    assertThat(chinchilla.tokens() / 1.4e12).isCloseTo(1, within(1e-12));
    assertThat(law.loss(chinchilla)).isEmpty();
    // sqrt(1 / 120) and 20 of it
    assertThat(law.optimum(1e20).parameters() / 1e10).isCloseTo(0.0913, within(5e-5));
    assertThat(law.optimum(1e20).tokens() / 1e10).isCloseTo(1.826, within(5e-4));
  }

  @Test
  void frontierSpendsOneBudget() {
    Frontier frontier = Frontier.of(ParametricLaw.BESIROGLU, Budget.ofFlops(1e21));
    Frontier.Point optimum = frontier.optimum();

    assertThat(frontier.points())
        .extracting(Frontier.Point::name)
        .containsExactly(
            "half", "optimal", "over-trained 2x", "over-trained 5x", "over-trained 10x");
    assertThat(frontier.points())
        .allSatisfy(
            point -> {
              assertThat(point.allocation().flops() / 1e21).isCloseTo(1, within(1e-12));
              assertThat(
                      point.allocation().tokensPerParameter()
                          / optimum.allocation().tokensPerParameter())
                  .isCloseTo(point.factor(), within(1e-9));
              assertThat(point.extrapolated()).isFalse();
            });
    assertThat(optimum.lossIncrease()).hasValue(0);
    assertThat(optimum.inferenceFlopsSaved()).isZero();
    Frontier.Point twice = frontier.points().get(2);
    // a model smaller by the square root of 2: 2 · 2.7785e9 · (1 - 0.70711) · 1e6
    assertThat(twice.inferenceFlopsSaved() / 1.62759e15).isCloseTo(1, within(1e-4));
    assertThat(twice.lossIncrease().orElseThrow()).isBetween(0.001, 0.02);
    assertThat(frontier.points().get(0).inferenceFlopsSaved()).isNegative();
  }

  @Test
  void beyondTheFitIsSaid() {
    assertThat(Frontier.of(ParametricLaw.HOFFMANN, Budget.ofFlops(1e25)).points())
        .allMatch(Frontier.Point::extrapolated);
    assertThat(Frontier.of(new TokensPerParameter(20), Budget.ofFlops(1e25)).points())
        .noneMatch(Frontier.Point::extrapolated);
  }

  /** 64 devices for 720 h at 40 % of 312e12 FLOP/s: 46 080 h · 3600 s · 124.8e12. */
  @Test
  void budgetOfDeviceHours() {
    Budget budget = Budget.ofDeviceHours(64 * 720, 312e12, 0.4);

    assertThat(budget.flops()).isCloseTo(2.070282e22, within(1e16 * 1e2));
    assertThat(budget.deviceHoursOf(budget.flops() / 2).orElseThrow())
        .isCloseTo(23_040, within(1e-6));
    assertThat(Budget.ofFlops(1e20).deviceHoursOf(1e19)).isEmpty();
    assertThatThrownBy(() -> Budget.ofDeviceHours(1, 1, 1.1))
        .hasMessageStartingWith("utilization must be > 0 and <= 1, got 1.1");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void wrongNumbersAreNoLaw(double wrong) {
    for (ScalingLaw law : List.of(ParametricLaw.HOFFMANN, new TokensPerParameter(20))) {
      assertThatThrownBy(() -> law.optimum(wrong)).hasMessageStartingWith("flops must be > 0");
    }
    assertThatThrownBy(() -> new TokensPerParameter(wrong)).hasMessageStartingWith("ratio must");
    assertThatThrownBy(() -> new ParametricLaw("a", "b", 1, 1, 1, wrong, 1, null))
        .hasMessageStartingWith("alpha must be > 0");
    assertThatThrownBy(() -> new FittedRange(1, 2, 1, wrong)).hasMessageStartingWith("tokens of");
  }
}
