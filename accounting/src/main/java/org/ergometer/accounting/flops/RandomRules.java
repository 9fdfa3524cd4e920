package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;

/** Random numbers and dropout. A number drawn counts one; what turns it into another one counts. */
final class RandomRules {

  private static final String UNIFORM = "a + draw(u) * w";
  private static final String GAUSSIAN =
      "draw(u); draw(v); m + s * (sqrt(-2 * log(u)) * cos(6.2832 * v))";
  private static final String DROPOUT = "draw(u) >= p ? 0 : x / p";

  private static final long SHUFFLE = Arithmetic.flops("draw(u) % i");

  private RandomRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = numbered();
    rules.addAll(custom());
    return rules;
  }

  private static List<OpRule> numbered() {
    List<OpRule> rules = distributions();
    rules.addAll(draws());
    return rules;
  }

  /** ND4J hands some of these the array to be filled as operand too. */
  private static List<OpRule> distributions() {
    return new RuleList(OpFamily.RANDOM, OpClass.RANDOM, Touched.OTHER_THAN_OUTPUT)
        .perOutput(UNIFORM, "UniformDistribution")
        .perOutput(GAUSSIAN, "GaussianDistribution", "TruncatedNormalDistribution")
        .perOutput("exp(" + GAUSSIAN + ")", "LogNormalDistribution")
        .perOutput("draw(u) <= p", "BernoulliDistribution")
        .perOutput("draw(u) < p; s + 1", "BinomialDistribution", "BinomialDistributionEx")
        .perOutput("-log(1 - draw(u)) / l", "ExponentialDistribution")
        .perOutput("-log(1 - x) / l", "ExponentialDistributionInv")
        .perOutput("draw(u) < exp(-l)", "PoissonDistribution")
        .perOutput("draw(u); igamma(a, u) / b", "GammaDistribution")
        .perOutput("a + i * d", "Linspace")
        .rules();
  }

  private static List<OpRule> draws() {
    return new RuleList(OpFamily.RANDOM, OpClass.RANDOM)
        .perOutput("draw(u) >= p ? 0 : x", "DropOut")
        .perOutput(DROPOUT, "DropOutInverted")
        .perOutput("draw(u) >= p ? a * q + b : a * x + b", "AlphaDropOut")
        .perOutput("draw(u) >= p ? x : y", "ProbablisticMerge")
        .perOutput("draw(u) * n", "Choice")
        .rules();
  }

  private static List<OpRule> custom() {
    return new RuleList(OpFamily.CUSTOM, OpClass.RANDOM)
        .perOutput(UNIFORM, "randomuniform")
        .perOutput(GAUSSIAN, "random_normal")
        .perOutput("draw(u) <= p", "random_bernoulli")
        .perOutput("-log(1 - draw(u)) / l", "random_exponential")
        .perOutput("draw(u); igamma(a, u) / b", "random_gamma")
        .perOutput("draw(u) < exp(-l)", "random_poisson")
        .perOutput("draw(u) * s", "random_multinomial")
        .all(
            op -> Extent.product(SHUFFLE, op.input(0).size(0)),
            "draw(u) % i, per row",
            "random_shuffle")
        .perOutput(DROPOUT, "dropout")
        .perGradient("draw(u) >= p ? 0 : g / p", "dropout_bp")
        .perGradient("draw(u) >= p ? 0 : a * g", "alpha_dropout_bp")
        .rules();
  }
}
