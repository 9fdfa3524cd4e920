package org.ergometer.accounting.plan;

import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * Ways to spend one budget around the optimum: the same compute on smaller models and more tokens.
 * An over-trained model costs a little loss, and less for each token that it is asked for later
 * (Gadre et al. 2024; Sardana et al. 2024).
 *
 * @param points by tokens per parameter, fewest first
 */
public record Frontier(ScalingLaw law, Budget budget, List<Point> points) {

  private static final double TOKENS = 1e6;
  private static final double[] FACTORS = {0.5, 1, 2, 5, 10};

  /**
   * One way to spend the budget.
   *
   * @param factor tokens per parameter, by those of the optimum
   * @param loss that the law predicts, in nats per token; empty for a law that predicts none
   * @param lossIncrease what it costs against the optimum; empty as well
   * @param inferenceFlopsSaved FLOPs that a million tokens of inference take less than with the
   *     optimum's model, by 2·N a token; negative for a larger model
   * @param extrapolated whether it lies outside of where the law was fitted
   */
  public record Point(
      double factor,
      Allocation allocation,
      OptionalDouble loss,
      OptionalDouble lossIncrease,
      double inferenceFlopsSaved,
      boolean extrapolated) {

    /** What the point is called: half, optimal, over-trained 2x. */
    public String name() {
      if (factor < 1) {
        return "half";
      }
      return factor == 1 ? "optimal" : "over-trained %sx".formatted(Math.round(factor));
    }

    /** FLOPs of a million tokens of inference by 2·N a token. */
    public double inferenceFlops() {
      return TOKENS * allocation.inferenceFlopsPerToken();
    }
  }

  public Frontier {
    points = List.copyOf(points);
  }

  /** Half of the optimum's tokens per parameter, the optimum, and 2, 5 and 10 times of them. */
  public static Frontier of(ScalingLaw law, Budget budget) {
    Allocation optimum = law.optimum(budget.flops());
    List<Point> points =
        DoubleStream.of(FACTORS)
            .mapToObj(factor -> point(law, budget.flops(), optimum, factor))
            .toList();
    return new Frontier(law, budget, points);
  }

  /** The optimum. */
  public Point optimum() {
    return points.stream().filter(point -> point.factor == 1).findFirst().orElseThrow();
  }

  private static Point point(ScalingLaw law, double flops, Allocation optimum, double factor) {
    Allocation allocation =
        factor == 1 ? optimum : Allocation.ofRatio(flops, factor * optimum.tokensPerParameter());
    OptionalDouble loss = law.loss(allocation);
    OptionalDouble best = law.loss(optimum);
    return new Point(
        factor,
        allocation,
        loss,
        loss.isPresent() && best.isPresent()
            ? OptionalDouble.of(loss.getAsDouble() - best.getAsDouble())
            : OptionalDouble.empty(),
        TOKENS * (optimum.inferenceFlopsPerToken() - allocation.inferenceFlopsPerToken()),
        law.range().isPresent() && !law.range().get().contains(allocation));
  }
}
