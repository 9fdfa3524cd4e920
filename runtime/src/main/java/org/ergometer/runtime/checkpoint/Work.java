package org.ergometer.runtime.checkpoint;

import java.util.Map;

/**
 * How much a run has done, in units that each take the same matrix products.
 *
 * @param steps training steps
 * @param sequences windows trained on
 * @param skipped those among them whose update was not made
 * @param evaluated windows evaluated
 * @param sampled tokens drawn
 */
public record Work(long steps, long sequences, long skipped, long evaluated, long sampled) {

  public static final Work NONE = new Work(0, 0, 0, 0, 0);

  private static final String STEPS = "steps";
  private static final String SEQUENCES = "sequences";
  private static final String SKIPPED = "skipped_sequences";
  private static final String EVALUATED = "evaluated_sequences";
  private static final String SAMPLED = "sampled_tokens";

  public Work plus(Work other) {
    return new Work(
        steps + other.steps,
        sequences + other.sequences,
        skipped + other.skipped,
        evaluated + other.evaluated,
        sampled + other.sampled);
  }

  public Work minus(Work other) {
    return plus(
        new Work(-other.steps, -other.sequences, -other.skipped, -other.evaluated, -other.sampled));
  }

  /** The counts by name. */
  public Map<String, Long> tallies() {
    return Map.of(
        STEPS, steps, SEQUENCES, sequences, SKIPPED, skipped, EVALUATED, evaluated, SAMPLED,
        sampled);
  }

  /** The work that named counts say; what is not among them is 0. */
  public static Work of(Map<String, Long> tallies) {
    return new Work(
        tallies.getOrDefault(STEPS, 0L),
        tallies.getOrDefault(SEQUENCES, 0L),
        tallies.getOrDefault(SKIPPED, 0L),
        tallies.getOrDefault(EVALUATED, 0L),
        tallies.getOrDefault(SAMPLED, 0L));
  }
}
