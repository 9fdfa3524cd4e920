package org.ergometer.runtime.cli;

import java.io.IOException;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.telemetry.LiveRun;
import org.ergometer.runtime.training.SampleLog;
import org.ergometer.runtime.training.TextSample;
import org.ergometer.runtime.training.TextSampler;
import org.ergometer.runtime.training.TokenDraw;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;
import org.ergometer.runtime.training.WorkCount;

/**
 * Lets the model write a text after each evaluation and at the end, always from the same seed, so
 * that one can see it learn.
 */
final class SampleWriter implements TrainingObserver {

  private static final int LAST_TOKENS = 256;
  private static final int TOKENS = 128;
  private static final double TEMPERATURE = 0.8;

  private final TextSampler sampler;
  private final long seed;
  private final int steps;
  private final RunDirectory directory;
  private final SampleLog log;
  private final WorkCount count;
  private final LiveRun live;

  /**
   * @param steps of the run; after the last the end is near, and there is no text
   * @param count is told of the tokens
   */
  SampleWriter(
      TextSampler sampler,
      long seed,
      int steps,
      RunDirectory directory,
      SampleLog log,
      WorkCount count,
      LiveRun live) {
    this.sampler = sampler;
    this.seed = seed;
    this.steps = steps;
    this.directory = directory;
    this.log = log;
    this.count = count;
    this.live = live;
    live.samples(log.samples());
  }

  @Override
  public void stepDone(TrainingStep step) throws IOException {
    if (step.validationLoss() != null && step.number() < steps) {
      write(step.number(), TOKENS);
    }
  }

  /** The text at the end. */
  String last(int step) throws IOException {
    return write(step, LAST_TOKENS);
  }

  private String write(int step, int tokens) throws IOException {
    TextSampler.Written written =
        sampler.write("", tokens, new TokenDraw(TEMPERATURE, seed), piece -> {});
    String text = written.text();
    count.sampled(written.work());
    RunDirectory.write(directory.sample(), text + "\n");
    log.add(new TextSample(step, text));
    live.samples(log.samples());
    return text;
  }
}
