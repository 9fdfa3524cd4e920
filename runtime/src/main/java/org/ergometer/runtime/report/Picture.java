package org.ergometer.runtime.report;

import java.awt.Color;
import java.io.IOException;
import java.util.List;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A picture of curves and points over two axes, the same in look wherever one is drawn. */
public final class Picture {

  private static final int WIDTH = 960;
  private static final int HEIGHT = 600;

  private final XYChart chart;

  /** An empty picture with names for its axes. */
  public Picture(String title, String x, String y) {
    chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
  }

  /** Lets axes go by powers of ten. */
  Picture logarithmic(boolean x, boolean y) {
    chart.getStyler().setXAxisLogarithmic(x);
    chart.getStyler().setYAxisLogarithmic(y);
    return this;
  }

  /** Adds a line through points. */
  void curve(String name, List<? extends Number> x, List<? extends Number> y) {
    chart.addSeries(name, x, y).setMarker(SeriesMarkers.NONE);
  }

  /** Adds a line with a mark on each of its points. */
  void marked(String name, List<? extends Number> x, List<? extends Number> y) {
    chart.addSeries(name, x, y).setMarker(SeriesMarkers.CIRCLE);
  }

  /** Adds one point. */
  void point(String name, double x, double y) {
    chart
        .addSeries(name, new double[] {x}, new double[] {y})
        .setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
  }

  /** The picture as PNG. */
  public byte[] png() throws IOException {
    return ChartEncoder.getBytes(chart, "png");
  }
}
