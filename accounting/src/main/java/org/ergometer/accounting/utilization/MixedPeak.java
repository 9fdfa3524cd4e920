package org.ergometer.accounting.utilization;

/**
 * What one device can do at most in work of two data types.
 *
 * @param parameters of the products with parameters
 * @param others of the products of activations with one another
 */
public record MixedPeak(Peak parameters, Peak others) {

  /** How a peak of both is told. */
  public static final String CONVENTION =
      "products with parameters at the peak of their type, those of attention at that of theirs";

  /** What a speed-up stands on. */
  public static final String BASIS =
      "attainable: matrix products alone, at the measured peaks of both types; not a measurement of"
          + " a run";

  /**
   * The FLOP/s of work that takes, for each of its parts, as long as at that part's peak: the mean
   * of both peaks that is harmonic in the FLOPs.
   */
  public Peak of(TokenWork work) {
    return new Peak(
        work.modelFlops() / seconds(work, parameters),
        null,
        parameters.origin(),
        "%s; %s; %s".formatted(parameters.description(), others.description(), CONVENTION));
  }

  /**
   * How many times as fast the products could be as if all were of the others' type; below 1 where
   * that of the parameters is the slower one.
   */
  public double attainableSpeedUp(TokenWork work) {
    return seconds(work, others) / seconds(work, parameters);
  }

  private double seconds(TokenWork work, Peak ofParameters) {
    return work.parameterFlops() / ofParameters.flopsPerSecond()
        + work.attentionFlops() / others.flopsPerSecond();
  }
}
