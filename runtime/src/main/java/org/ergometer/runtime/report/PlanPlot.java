package org.ergometer.runtime.report;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.plan.Allocation;
import org.ergometer.accounting.plan.Frontier;

/**
 * A frontier as a picture: the loss that one budget buys at each model size, or, for a law without
 * a loss, the tokens.
 */
public final class PlanPlot {

  private static final int STEPS = 120;
  private static final double DECADES = 1.2;

  private PlanPlot() {}

  /** The picture of a frontier. */
  public static Picture of(Frontier frontier) {
    boolean losses = frontier.optimum().loss().isPresent();
    Picture picture =
        new Picture(
                "%s FLOP by %s"
                    .formatted(Figure.of(frontier.budget().flops()), frontier.law().name()),
                "parameters",
                losses ? "predicted loss, nats per token" : "tokens")
            .logarithmic(true, !losses);
    addCurve(picture, frontier);
    for (Frontier.Point point : frontier.points()) {
      picture.point(
          point.name(), point.allocation().parameters(), height(frontier, point.allocation()));
    }
    return picture;
  }

  private static void addCurve(Picture picture, Frontier frontier) {
    double optimum = frontier.optimum().allocation().parameters();
    double products = frontier.budget().flops() / 6;
    List<Double> sizes = new ArrayList<>();
    List<Double> heights = new ArrayList<>();
    for (int step = 0; step <= STEPS; step++) {
      double size = optimum * Math.pow(10, DECADES * (2.0 * step / STEPS - 1));
      sizes.add(size);
      heights.add(height(frontier, new Allocation(size, products / size)));
    }
    picture.curve("all of the budget", sizes, heights);
  }

  private static double height(Frontier frontier, Allocation allocation) {
    return frontier.law().loss(allocation).orElse(allocation.tokens());
  }
}
