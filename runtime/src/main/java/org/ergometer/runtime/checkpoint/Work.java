package org.ergometer.runtime.checkpoint;

import java.util.Map;
import org.ergometer.accounting.predict.DecodingWork;

/**
 * How much a run has done, in units that each take the same FLOPs.
 *
 * @param steps training steps
 * @param sequences windows trained on
 * @param skipped those among them whose update was not made
 * @param evaluated windows evaluated
 * @param sampled text that the model wrote
 * @param clipped steps whose gradient was scaled
 * @param accumulated batches whose gradients were added up
 */
public record Work(
    long steps,
    long sequences,
    long skipped,
    long evaluated,
    DecodingWork sampled,
    long clipped,
    long accumulated) {

  public static final Work NONE = new Work(0, 0, 0, 0, DecodingWork.NONE, 0, 0);

  private static final String STEPS = "steps";
  private static final String SEQUENCES = "sequences";
  private static final String SKIPPED = "skipped_sequences";
  private static final String EVALUATED = "evaluated_sequences";
  private static final String SAMPLED = "sampled_tokens";
  private static final String SAMPLED_POSITIONS = "sampled_positions";
  private static final String SAMPLED_SCORES = "sampled_scores";
  private static final String CLIPPED = "clipped_steps";
  private static final String ACCUMULATED = "accumulated_batches";

  public Work plus(Work other) {
    return new Work(
        steps + other.steps,
        sequences + other.sequences,
        skipped + other.skipped,
        evaluated + other.evaluated,
        sampled.plus(other.sampled),
        clipped + other.clipped,
        accumulated + other.accumulated);
  }

  public Work minus(Work other) {
    return new Work(
        steps - other.steps,
        sequences - other.sequences,
        skipped - other.skipped,
        evaluated - other.evaluated,
        sampled.minus(other.sampled),
        clipped - other.clipped,
        accumulated - other.accumulated);
  }

  /** The counts by name. */
  public Map<String, Long> tallies() {
    return Map.of(
        STEPS,
        steps,
        SEQUENCES,
        sequences,
        SKIPPED,
        skipped,
        EVALUATED,
        evaluated,
        SAMPLED,
        sampled.predictions(),
        SAMPLED_POSITIONS,
        sampled.positions(),
        SAMPLED_SCORES,
        sampled.scores(),
        CLIPPED,
        clipped,
        ACCUMULATED,
        accumulated);
  }

  /** The work that named counts say; what is not among them is 0. */
  public static Work of(Map<String, Long> tallies) {
    return new Work(
        tallies.getOrDefault(STEPS, 0L),
        tallies.getOrDefault(SEQUENCES, 0L),
        tallies.getOrDefault(SKIPPED, 0L),
        tallies.getOrDefault(EVALUATED, 0L),
        new DecodingWork(
            tallies.getOrDefault(SAMPLED, 0L),
            tallies.getOrDefault(SAMPLED_POSITIONS, 0L),
            tallies.getOrDefault(SAMPLED_SCORES, 0L)),
        tallies.getOrDefault(CLIPPED, 0L),
        tallies.getOrDefault(ACCUMULATED, 0L));
  }
}
