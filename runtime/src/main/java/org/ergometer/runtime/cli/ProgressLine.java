package org.ergometer.runtime.cli;

import java.io.PrintWriter;
import java.math.BigInteger;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.ergometer.accounting.ledger.LedgerTable;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far a run is, in at most 80 columns and without colours: one line that is rewritten on
 * a terminal, a line now and then elsewhere.
 */
final class ProgressLine implements TrainingObserver {

  private static final int COLUMNS = 79;
  private static final long NANOS_BETWEEN_REWRITES = 100_000_000L;
  private static final int PLAIN_LINES = 20;
  private static final int SMOOTHING_STEPS = 50;

  private final PrintWriter err;
  private final boolean terminal;
  private final int steps;
  private final LongSupplier nanoTime;
  private @Nullable Double validationLoss;
  private double secondsPerStep;
  private long lastRewrite;
  private boolean open;
  private int seen;

  ProgressLine(PrintWriter err, boolean terminal, int steps, LongSupplier nanoTime) {
    this.err = err;
    this.terminal = terminal;
    this.steps = steps;
    this.nanoTime = nanoTime;
    this.lastRewrite = nanoTime.getAsLong() - NANOS_BETWEEN_REWRITES;
  }

  @Override
  public void stepDone(TrainingStep step) {
    seen = Math.min(seen + 1, SMOOTHING_STEPS);
    double weight = 1.0 / seen;
    secondsPerStep += weight * (step.seconds() - secondsPerStep);
    if (step.validationLoss() != null) {
      validationLoss = step.validationLoss();
    }
    boolean last = step.number() == steps;
    if (terminal) {
      rewrite(step, last);
    } else if (last || step.number() == 1 || step.number() % plainInterval() == 0) {
      err.println(line(step));
      err.flush();
    }
  }

  /** Leaves the line as it is and goes to the next. */
  void end() {
    if (open) {
      err.println();
      err.flush();
      open = false;
    }
  }

  private int plainInterval() {
    return Math.max(1, steps / PLAIN_LINES);
  }

  private void rewrite(TrainingStep step, boolean last) {
    long now = nanoTime.getAsLong();
    if (last || now - lastRewrite >= NANOS_BETWEEN_REWRITES) {
      lastRewrite = now;
      err.printf(Locale.ROOT, "\r%-" + COLUMNS + "s", line(step));
      err.flush();
      open = true;
    }
  }

  private String line(TrainingStep step) {
    StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "step %d/%d", step.number(), steps));
    line.append(String.format(Locale.ROOT, "  loss %.3f", step.loss()));
    if (validationLoss != null) {
      line.append(String.format(Locale.ROOT, "  val %.3f", validationLoss));
    }
    line.append("  ").append(rate(step.tokens() / secondsPerStep)).append("tok/s");
    BigInteger flops = step.flops();
    if (flops != null) {
      line.append("  ").append(rate(flops.doubleValue() / secondsPerStep)).append("FLOP/s");
    }
    line.append("  ETA ").append(duration((steps - step.number()) * secondsPerStep));
    return line.length() > COLUMNS ? line.substring(0, COLUMNS) : line.toString();
  }

  private static String rate(double perSecond) {
    String amount = LedgerTable.amount(BigInteger.valueOf(Math.round(perSecond)));
    return amount.contains(" ") ? amount : amount + " ";
  }

  private static String duration(double seconds) {
    long whole = Math.round(seconds);
    return whole >= 3600
        ? String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
  }
}
