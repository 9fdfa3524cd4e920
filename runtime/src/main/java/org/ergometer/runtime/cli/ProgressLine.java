package org.ergometer.runtime.cli;

import java.io.PrintWriter;
import java.math.BigInteger;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.ergometer.accounting.ledger.LedgerTable;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far a run is, without colours: one line that is rewritten on a terminal, in its columns
 * and with less in it where they are few, and a line now and then elsewhere.
 */
final class ProgressLine implements TrainingObserver {

  private static final long NANOS_BETWEEN_REWRITES = 100_000_000L;

  /** Back to the first column, and cut what a window that became narrower has no room for. */
  private static final String REWRITE = "\r\u001B[?7l";

  /** Erase what is left of the line before, and wrap lines again. */
  private static final String REWRITTEN = "\u001B[K\u001B[?7h";

  private static final int PLAIN_LINES = 20;
  private static final int SMOOTHING_STEPS = 50;

  /** At least: some samples of a sensor. */
  private static final long NANOS_OF_POWER = 2_000_000_000L;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final String[] SMALL_PREFIXES = {" ", " m", " \u00b5", " n"};

  private final PrintWriter err;
  private final boolean terminal;
  private final int width;
  private final int steps;
  private final IntSupplier skipped;
  private final Supplier<OptionalDouble> power;
  private final LongSupplier nanoTime;
  private @Nullable DoubleUnaryOperator utilization;
  private BooleanSupplier shared = () -> false;
  private @Nullable Double validationLoss;
  private double secondsPerStep;
  private long lastRewrite;
  private boolean open;
  private int seen;
  private long since;
  private double tokens;
  private double flops;
  private @Nullable Metered metered;

  /** Rates over one span of time, which energy is known of. */
  private record Metered(double tokensPerSecond, double flopsPerSecond, double watts) {}

  /** How much a line tells. */
  private enum Detail {
    ALL,
    TIGHT,
    WITHOUT_VALIDATION,
    WITHOUT_UTILIZATION,
    WITHOUT_FLOPS
  }

  /**
   * A line about a run.
   *
   * @param terminal whether it is rewritten
   * @param columns that it has
   * @param steps of the run
   * @param skipped steps of the run until now that updated nothing
   * @param power mean watts since it was asked before; empty while unknown
   */
  ProgressLine(
      PrintWriter err,
      boolean terminal,
      int columns,
      int steps,
      IntSupplier skipped,
      Supplier<OptionalDouble> power,
      LongSupplier nanoTime) {
    this.err = VisibleWriter.raw(err);
    this.terminal = terminal;
    this.width = columns - 1; // a full line would begin another on some terminals
    this.steps = steps;
    this.skipped = skipped;
    this.power = power;
    this.nanoTime = nanoTime;
    this.lastRewrite = nanoTime.getAsLong() - NANOS_BETWEEN_REWRITES;
    this.since = nanoTime.getAsLong();
  }

  @Override
  public void stepDone(TrainingStep step) {
    seen = Math.min(seen + 1, SMOOTHING_STEPS);
    double weight = 1.0 / seen;
    secondsPerStep += weight * (step.seconds() - secondsPerStep);
    if (step.validationLoss() != null) {
      validationLoss = step.validationLoss();
    }
    meter(step);
    boolean last = step.number() == steps;
    if (terminal) {
      rewrite(step, last);
    } else if (last || step.number() == 1 || step.number() % plainInterval() == 0) {
      err.println(line(step));
      err.flush();
    }
  }

  /**
   * Shows the utilization too.
   *
   * @param ofTokensPerSecond MFU, 0 to 1, at a throughput
   */
  void utilization(DoubleUnaryOperator ofTokensPerSecond) {
    utilization = ofTokensPerSecond;
  }

  /** Says when other processes take the processors. */
  void shared(BooleanSupplier processors) {
    shared = processors;
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
      err.print(REWRITE + line(step) + REWRITTEN);
      err.flush();
      open = true;
    }
  }

  /** What the last seconds came to, where power is known: evaluations and saving included. */
  private void meter(TrainingStep step) {
    tokens += step.tokens();
    flops += step.flops() == null ? 0 : step.flops().doubleValue();
    long nanos = nanoTime.getAsLong() - since;
    OptionalDouble watts = nanos >= NANOS_OF_POWER ? power.get() : OptionalDouble.empty();
    if (watts.isPresent()) {
      double seconds = nanos / NANOS_PER_SECOND;
      metered = new Metered(tokens / seconds, flops / seconds, watts.getAsDouble());
      since += nanos;
      tokens = 0;
      flops = 0;
    }
  }

  private String line(TrainingStep step) {
    String line = "";
    for (Detail detail : Detail.values()) {
      line = line(step, detail);
      if (!terminal || line.length() <= width) {
        return line;
      }
    }
    return line.substring(0, width);
  }

  private String line(TrainingStep step, Detail detail) {
    StringBuilder line = new StringBuilder();
    line.append(detail == Detail.ALL ? "step " : "");
    line.append(String.format(Locale.ROOT, "%d/%d", step.number(), steps));
    line.append(String.format(Locale.ROOT, "  loss %.3f", step.loss()));
    if (validationLoss != null && detail.compareTo(Detail.WITHOUT_VALIDATION) < 0) {
      line.append(String.format(Locale.ROOT, "  val %.3f", validationLoss));
    }
    Metered last = metered;
    double tokenRate = last == null ? step.tokens() / secondsPerStep : last.tokensPerSecond;
    line.append("  ").append(rate(tokenRate)).append("tok/s");
    BigInteger counted = step.flops();
    if (counted != null && detail != Detail.WITHOUT_FLOPS) {
      double flopRate = last == null ? counted.doubleValue() / secondsPerStep : last.flopsPerSecond;
      line.append("  ").append(rate(flopRate)).append("FLOP/s");
    }
    if (utilization != null && detail.compareTo(Detail.WITHOUT_UTILIZATION) < 0) {
      double mfu = utilization.applyAsDouble(step.tokens() / secondsPerStep);
      line.append(String.format(Locale.ROOT, "  MFU %.0f%%", 100 * mfu));
    }
    if (last != null) {
      line.append("  ").append(size(last.watts)).append("W  ");
      line.append(size(last.watts / last.tokensPerSecond)).append("J/tok");
    }
    if (skipped.getAsInt() > 0) {
      line.append(String.format(Locale.ROOT, "  %d skipped", skipped.getAsInt()));
    }
    line.append(shared.getAsBoolean() ? "  shared CPU" : "");
    line.append("  ETA ").append(duration((steps - step.number()) * secondsPerStep));
    return detail == Detail.ALL ? line.toString() : line.toString().replace("  ", " ");
  }

  private static String rate(double perSecond) {
    String amount = LedgerTable.amount(BigInteger.valueOf(Math.round(perSecond)));
    return amount.contains(" ") ? amount : amount + " ";
  }

  /** Two digits and an SI prefix, such as {@code 43 } and {@code 5.9 m}. */
  private static String size(double value) {
    int thousandths = 0;
    double scaled = value;
    while (scaled > 0 && scaled < 1 && thousandths < SMALL_PREFIXES.length - 1) {
      scaled *= 1000;
      thousandths++;
    }
    String digits = String.format(Locale.ROOT, scaled < 10 ? "%.1f" : "%.0f", scaled);
    return digits + SMALL_PREFIXES[thousandths];
  }

  private static String duration(double seconds) {
    long whole = Math.round(seconds);
    return whole >= 3600
        ? String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
  }
}
