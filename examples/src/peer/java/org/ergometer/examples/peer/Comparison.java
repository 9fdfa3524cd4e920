package org.ergometer.examples.peer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.ergometer.examples.peer.Contender.Step;

/**
 * What two contenders did on one shape, in blocks of steps that alternate: each round is one block
 * of each, and its ratio is that of their median steps, so that a machine whose speed drifts
 * disturbs both alike.
 */
final class Comparison {

  /** Losses of the same arithmetic in another order drift apart by less in the first steps. */
  private static final double LOSS_TOLERANCE = 2e-3;

  private static final int COMPARED_LOSSES = 5;

  private final PeerShape shape;
  private final List<Step> ours = new ArrayList<>();
  private final List<Step> peers = new ArrayList<>();
  private final List<Double> ratios = new ArrayList<>();
  private final List<Double> allOurs = new ArrayList<>();
  private final List<Double> allPeers = new ArrayList<>();

  Comparison(PeerShape shape) {
    this.shape = shape;
  }

  /** Steps that are not timed: they load and prepare kernels. */
  void warmUp(List<Step> ourSteps, List<Step> peerSteps) {
    addLosses(ourSteps, peerSteps);
  }

  void round(List<Step> ourBlock, List<Step> peerBlock) {
    addLosses(ourBlock, peerBlock);
    ours.addAll(ourBlock);
    peers.addAll(peerBlock);
    ratios.add(median(peerBlock) / median(ourBlock));
  }

  private void addLosses(List<Step> ourSteps, List<Step> peerSteps) {
    ourSteps.forEach(step -> allOurs.add(step.loss()));
    peerSteps.forEach(step -> allPeers.add(step.loss()));
  }

  /** Largest relative difference of the losses of the first steps, before rounding adds up. */
  double lossDifference() {
    double largest = 0;
    for (int step = 0; step < Math.min(COMPARED_LOSSES, allOurs.size()); step++) {
      double difference = Math.abs(allOurs.get(step) - allPeers.get(step)) / allOurs.get(step);
      largest = Double.isNaN(difference) ? Double.NaN : Math.max(largest, difference);
    }
    return largest;
  }

  /** Whether both train the same model on the same data. */
  boolean sameTraining() {
    return lossDifference() <= LOSS_TOLERANCE;
  }

  String text(long ourMemory, long peerMemory) {
    StringBuilder text = new StringBuilder();
    line(text, "", "Ergometer", "PyTorch");
    line(text, "tokens/s", rate(ours), rate(peers));
    line(text, "step, median ms", number(median(ours) * 1e3), number(median(peers) * 1e3));
    line(text, "step, quartiles ms", quartiles(seconds(ours), 1e3), quartiles(seconds(peers), 1e3));
    line(
        text,
        "GFLOP/s, matrix products",
        number(shape.flops() / median(ours) * 1e-9),
        number(shape.flops() / median(peers) * 1e-9));
    line(text, "peak resident MB", megabytes(ourMemory), megabytes(peerMemory));
    line(text, "loss, first step", loss(allOurs, 0), loss(allPeers, 0));
    int last = allOurs.size() - 1;
    line(text, "loss, step " + (last + 1), loss(allOurs, last), loss(allPeers, last));
    double[] sorted = ratios.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    text.append(
        String.format(
            Locale.ROOT,
            "  Ergometer's tokens/s over PyTorch's: %.3f (quartiles %.3f to %.3f, %d rounds)%n",
            quantile(sorted, 0.5),
            quantile(sorted, 0.25),
            quantile(sorted, 0.75),
            sorted.length));
    text.append(
        String.format(
            Locale.ROOT,
            "  losses of the first %d steps differ by at most %.1e of their value%n",
            Math.min(COMPARED_LOSSES, allOurs.size()),
            lossDifference()));
    return text.toString();
  }

  private String rate(List<Step> steps) {
    return String.format(Locale.ROOT, "%.0f", shape.tokens() / median(steps));
  }

  private static void line(StringBuilder text, String name, String ours, String peers) {
    text.append(String.format(Locale.ROOT, "  %-26s %22s %22s%n", name, ours, peers));
  }

  private static String loss(List<Double> losses, int step) {
    return String.format(Locale.ROOT, "%.4f", losses.get(step));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String megabytes(long bytes) {
    return bytes < 0 ? "-" : String.format(Locale.ROOT, "%.0f", bytes * 1e-6);
  }

  private static String quartiles(double[] sorted, double unit) {
    return number(quantile(sorted, 0.25) * unit) + " to " + number(quantile(sorted, 0.75) * unit);
  }

  private static double median(List<Step> steps) {
    return quantile(seconds(steps), 0.5);
  }

  private static double[] seconds(List<Step> steps) {
    double[] seconds = steps.stream().mapToDouble(Step::seconds).toArray();
    Arrays.sort(seconds);
    return seconds;
  }

  /** Between neighbours in proportion, as in R's type 7. */
  private static double quantile(double[] sorted, double fraction) {
    double position = fraction * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
