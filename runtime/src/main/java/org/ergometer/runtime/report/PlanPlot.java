package org.ergometer.runtime.report;

import java.awt.Color;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.plan.Allocation;
import org.ergometer.accounting.plan.Frontier;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A frontier as a picture: the loss that one budget buys at each model size, or, for a law without
 * a loss, the tokens.
 */
public final class PlanPlot {

  private static final int WIDTH = 960;
  private static final int HEIGHT = 600;
  private static final int STEPS = 120;
  private static final double DECADES = 1.2;

  private final XYChart chart;

  /** The picture of a frontier. */
  public PlanPlot(Frontier frontier) {
    boolean losses = frontier.optimum().loss().isPresent();
    chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(
                "%s FLOP by %s"
                    .formatted(Figure.of(frontier.budget().flops()), frontier.law().name()))
            .xAxisTitle("parameters")
            .yAxisTitle(losses ? "predicted loss, nats per token" : "tokens")
            .build();
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setYAxisLogarithmic(!losses);
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    addCurve(frontier);
    for (Frontier.Point point : frontier.points()) {
      chart
          .addSeries(
              point.name(),
              new double[] {point.allocation().parameters()},
              new double[] {height(frontier, point.allocation())})
          .setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    }
  }

  /** The picture as PNG. */
  public byte[] png() throws IOException {
    return ChartEncoder.getBytes(chart, "png");
  }

  private void addCurve(Frontier frontier) {
    double optimum = frontier.optimum().allocation().parameters();
    double products = frontier.budget().flops() / 6;
    List<Double> sizes = new ArrayList<>();
    List<Double> heights = new ArrayList<>();
    for (int step = 0; step <= STEPS; step++) {
      double size = optimum * Math.pow(10, DECADES * (2.0 * step / STEPS - 1));
      sizes.add(size);
      heights.add(height(frontier, new Allocation(size, products / size)));
    }
    chart.addSeries("all of the budget", sizes, heights).setMarker(SeriesMarkers.NONE);
  }

  private static double height(Frontier frontier, Allocation allocation) {
    return frontier.law().loss(allocation).orElse(allocation.tokens());
  }
}
