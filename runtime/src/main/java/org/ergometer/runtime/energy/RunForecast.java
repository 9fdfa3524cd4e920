package org.ergometer.runtime.energy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.DoubleFunction;
import java.util.function.Supplier;
import org.ergometer.accounting.energy.Footprint;
import org.ergometer.accounting.energy.Forecast;
import org.ergometer.accounting.energy.Forecast.Range;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;
import org.jspecify.annotations.Nullable;

/**
 * Judges, once, from the first steps of a process what all of its run will take.
 *
 * <p>The first {@value #WARM_UP} steps are slower than the rest and say nothing of it. Of the next,
 * the mean is expected to go on, and the fastest and the slowest {@value #BLOCK} in a row are the
 * ends of the range; the mean power until now goes on too.
 */
public final class RunForecast implements TrainingObserver {

  private static final int WARM_UP = 10;
  private static final int BLOCK = 10;
  private static final int BLOCKS = 4;

  /** Steps after which the forecast is made; a process that has no more steps to do has none. */
  public static final int STEPS = WARM_UP + BLOCK * BLOCKS;

  private final int done;
  private final int steps;
  private final int evalEvery;
  private final double stepsPerEvaluation;
  private final RunEnergy energy;
  private final Supplier<@Nullable BigInteger> counted;
  private final Consumer<Forecast> listener;
  private double stepFlops;
  private final double[] seconds = new double[BLOCKS];

  /**
   * A forecast of a run.
   *
   * @param done steps that earlier processes did
   * @param steps that the run is to have
   * @param evalEvery steps between two evaluations; the last step has one as well
   * @param stepsPerEvaluation work of an evaluation in steps
   * @param counted FLOPs of the run until now; null where nothing is counted
   * @param listener is told the forecast, on the thread that trains
   */
  public RunForecast(
      int done,
      int steps,
      int evalEvery,
      double stepsPerEvaluation,
      RunEnergy energy,
      Supplier<@Nullable BigInteger> counted,
      Consumer<Forecast> listener) {
    this.done = done;
    this.steps = steps;
    this.evalEvery = evalEvery;
    this.stepsPerEvaluation = stepsPerEvaluation;
    this.energy = energy;
    this.counted = counted;
    this.listener = listener;
  }

  @Override
  public void stepDone(TrainingStep step) {
    int number = step.number() - done;
    if (number > WARM_UP && number <= STEPS) {
      seconds[(number - WARM_UP - 1) / BLOCK] += step.seconds();
      stepFlops += step.flops() == null ? 0 : step.flops().doubleValue() / (BLOCK * BLOCKS);
    }
    if (number == STEPS && steps - done > STEPS) {
      energy.look(); // such steps may all lie between two looks
      Double joules = RunEnergy.boxed(energy.joules());
      listener.accept(forecast(energy.seconds(), joules));
    }
  }

  /**
   * The forecast after {@link #STEPS} steps of this process.
   *
   * @param elapsed seconds of the run until now
   * @param joules that it drew until now; null if unknown
   */
  Forecast forecast(double elapsed, @Nullable Double joules) {
    int now = done + STEPS;
    int evaluations = steps / evalEvery - now / evalEvery + (steps % evalEvery == 0 ? 0 : 1);
    double left = steps - now + evaluations * stepsPerEvaluation;
    double[] pace = Arrays.stream(seconds).map(block -> block / BLOCK).sorted().toArray();
    Range time =
        new Range(
            elapsed + left * pace[0],
            elapsed + left * Arrays.stream(pace).average().orElseThrow(),
            elapsed + left * pace[BLOCKS - 1]);
    BigInteger flops = counted.get();
    return new Forecast(
        now,
        time,
        flops == null ? null : (Double) (flops.doubleValue() + left * stepFlops),
        range(time, at -> joules(joules, elapsed, at)),
        range(
            time,
            at -> {
              Footprint footprint = footprint(joules, elapsed, at);
              return footprint.emissions() == null ? null : footprint.emissions().grams();
            }),
        range(
            time,
            at -> {
              Footprint footprint = footprint(joules, elapsed, at);
              return footprint.cost() == null ? null : footprint.cost().usd();
            }));
  }

  private Footprint footprint(@Nullable Double joules, double elapsed, double at) {
    return energy.tariff().tariff().footprint(joules(joules, elapsed, at), at);
  }

  /** At the mean power until now. */
  private static @Nullable Double joules(@Nullable Double joules, double elapsed, double at) {
    return joules == null ? null : joules / elapsed * at;
  }

  private static @Nullable Range range(Range time, DoubleFunction<@Nullable Double> ofSeconds) {
    Double low = ofSeconds.apply(time.low());
    Double expected = ofSeconds.apply(time.expected());
    Double high = ofSeconds.apply(time.high());
    return low == null || expected == null || high == null ? null : new Range(low, expected, high);
  }
}
