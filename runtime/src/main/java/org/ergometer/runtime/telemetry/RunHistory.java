package org.ergometer.runtime.telemetry;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;
import org.jspecify.annotations.Nullable;

/**
 * The course of a run in a bounded number of points, however many steps it has: where they become
 * too many, two neighbours become one, and from then on a point stands for twice as many steps.
 *
 * <p>Written by the thread that trains, read by those that serve.
 */
public final class RunHistory implements TrainingObserver {

  /** Points kept: as many as a screen has columns. */
  public static final int POINTS = 1024;

  private static final double NANOS_PER_SECOND = 1e9;

  /** Of several samples of a sensor: a single one may be of more time than a step, or of less. */
  private static final double SECONDS_OF_POWER = 2;

  private final int most;
  private final List<Point> points = new ArrayList<>();
  private final Metered sinceJoules = new Metered();
  private Point open = new Point();
  private int stepsAPoint = 1;
  private int mergers;
  private Supplier<OptionalDouble> joules = OptionalDouble::empty;
  private @Nullable LongSupplier nanoTime;
  private double joulesThen;
  private long nanosThen;

  /**
   * One step.
   *
   * @param seconds of the step alone
   * @param flops null while nothing is counted
   * @param joules drawn since the step before that has them; null if this has none
   * @param wallSeconds since the step before, evaluations and saving included; null if unknown
   */
  public record Entry(
      int step,
      double loss,
      @Nullable Double validationLoss,
      double learningRate,
      double gradientNorm,
      double tokens,
      double seconds,
      @Nullable Double flops,
      @Nullable Double joules,
      @Nullable Double wallSeconds) {}

  /**
   * Several points in a row.
   *
   * @param mergers how often points were merged; indices from before are void
   * @param complete number of points that do not change any more until the next merger
   * @param from index of the first row
   * @param stepsAPoint steps that a complete point stands for
   * @param rows by point the values of {@link #COLUMNS}; null where unknown
   */
  record Part(int mergers, int complete, int from, int stepsAPoint, List<@Nullable Double[]> rows) {

    Part {
      rows = List.copyOf(rows);
    }
  }

  /** What a row holds: means over the steps of a point, but its last step and evaluation. */
  static final List<String> COLUMNS =
      List.of(
          "step",
          "loss",
          "validation_loss",
          "learning_rate",
          "gradient_norm",
          "tokens_per_second",
          "flops_per_second",
          "watts",
          "joules_per_token");

  public RunHistory() {
    this(POINTS);
  }

  /**
   * @param most points kept, an even number
   */
  RunHistory(int most) {
    if (most < 2 || most % 2 != 0) {
      throw new InvalidInputException(
          "points must be an even number >= 2, got %s; give another".formatted(most));
    }
    this.most = most;
  }

  /**
   * Says where steps that are observed take energy and time from, and begins both now.
   *
   * @param drawn joules of the process until now; empty while unknown
   */
  public synchronized void meter(Supplier<OptionalDouble> drawn, LongSupplier clock) {
    joules = drawn;
    nanoTime = clock;
    joulesThen = drawn.get().orElse(0);
    nanosThen = clock.getAsLong();
  }

  @Override
  public synchronized void stepDone(TrainingStep step) {
    BigInteger flops = step.flops();
    add(
        new Entry(
            step.number(),
            step.loss(),
            step.validationLoss(),
            step.learningRate(),
            step.gradientNorm(),
            step.tokens(),
            step.seconds(),
            flops == null ? null : (Double) flops.doubleValue(),
            gainedJoules(),
            passedSeconds()));
  }

  private @Nullable Double gainedJoules() {
    OptionalDouble now = joules.get();
    if (now.isEmpty()) {
      return null;
    }
    double gained = now.getAsDouble() - joulesThen;
    joulesThen = now.getAsDouble();
    return gained > 0 ? (Double) gained : null; // sensors are read more seldom than steps are done
  }

  private @Nullable Double passedSeconds() {
    if (nanoTime == null) {
      return null;
    }
    long now = nanoTime.getAsLong();
    double passed = (now - nanosThen) / NANOS_PER_SECOND;
    nanosThen = now;
    return passed;
  }

  /** Adds a step; steps come in their order. */
  public synchronized void add(Entry entry) {
    sinceJoules.add(entry);
    open.add(entry);
    if (entry.joules() != null && sinceJoules.longEnough()) {
      open.metered.add(sinceJoules);
      sinceJoules.clear();
    }
    if (open.steps == stepsAPoint) {
      points.add(open);
      open = new Point();
      if (points.size() == most) {
        merge();
      }
    }
  }

  private void merge() {
    for (int pair = 0; pair < most / 2; pair++) {
      Point first = points.get(2 * pair);
      first.add(points.get(2 * pair + 1));
      points.set(pair, first);
    }
    points.subList(most / 2, most).clear();
    stepsAPoint *= 2;
    mergers++;
  }

  /**
   * The points from an index on, with the one that is not complete yet; all of them where the index
   * is from before a merger.
   */
  synchronized Part since(int knownMergers, int index) {
    boolean known = knownMergers == mergers && index >= 0 && index <= points.size();
    int from = known ? index : 0;
    List<@Nullable Double[]> rows = new ArrayList<>();
    points.subList(from, points.size()).forEach(point -> rows.add(point.row()));
    if (open.steps > 0) {
      rows.add(open.row());
    }
    return new Part(mergers, points.size(), from, stepsAPoint, rows);
  }

  /** What joules are of: the steps since those before, a few seconds of them. */
  private static final class Metered {
    private @Nullable Double joules;
    private double tokens;
    private @Nullable Double wallSeconds;

    void add(Entry entry) {
      joules = sum(joules, entry.joules());
      tokens += entry.tokens();
      wallSeconds = sum(wallSeconds, entry.wallSeconds());
    }

    void add(Metered other) {
      joules = sum(joules, other.joules);
      tokens += other.tokens;
      wallSeconds = sum(wallSeconds, other.wallSeconds);
    }

    boolean longEnough() {
      return wallSeconds == null || wallSeconds >= SECONDS_OF_POWER;
    }

    void clear() {
      joules = null;
      tokens = 0;
      wallSeconds = null;
    }
  }

  private static @Nullable Double sum(@Nullable Double one, @Nullable Double other) {
    if (one == null) {
      return other;
    }
    return other == null ? one : (Double) (one + other);
  }

  /** Sums over neighbouring steps. */
  private static final class Point {
    private int steps;
    private int step;
    private double loss;
    private @Nullable Double validationLoss;
    private double learningRate;
    private double gradientNorm;
    private double tokens;
    private double seconds;
    private @Nullable Double flops;
    private final Metered metered = new Metered();

    void add(Entry entry) {
      steps++;
      step = entry.step();
      loss += entry.loss();
      validationLoss = entry.validationLoss() == null ? validationLoss : entry.validationLoss();
      learningRate = entry.learningRate();
      gradientNorm += entry.gradientNorm();
      tokens += entry.tokens();
      seconds += entry.seconds();
      flops = sum(flops, entry.flops());
    }

    void add(Point later) {
      steps += later.steps;
      step = later.step;
      loss += later.loss;
      validationLoss = later.validationLoss == null ? validationLoss : later.validationLoss;
      learningRate = later.learningRate;
      gradientNorm += later.gradientNorm;
      tokens += later.tokens;
      seconds += later.seconds;
      flops = sum(flops, later.flops);
      metered.add(later.metered);
    }

    @Nullable Double[] row() {
      return new @Nullable Double[] {
        (double) step,
        loss / steps,
        validationLoss,
        learningRate,
        gradientNorm / steps,
        quotient(tokens, seconds),
        quotient(flops, seconds),
        quotient(metered.joules, metered.wallSeconds),
        quotient(metered.joules, metered.tokens)
      };
    }

    private static @Nullable Double quotient(@Nullable Double amount, @Nullable Double of) {
      return amount == null || of == null || of <= 0 ? null : (Double) (amount / of);
    }
  }
}
