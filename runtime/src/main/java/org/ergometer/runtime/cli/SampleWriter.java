package org.ergometer.runtime.cli;

import java.io.IOException;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.storage.AtomicFile;
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
      keep(new TextSample(step.number(), draw(TOKENS)));
    }
  }

  /** Draws the text at the end, which has still to be kept. */
  TextSample last(int step) {
    return new TextSample(step, draw(LAST_TOKENS));
  }

  private String draw(int tokens) {
    TextSampler.Written written =
        sampler.write("", tokens, new TokenDraw(TEMPERATURE, seed), piece -> {});
    count.sampled(written.work());
    String text = written.text();
    return text;
  }

  /** Brings a text to the disk. */
  void keep(TextSample sample) throws IOException {
    AtomicFile.write(directory.sample(), sample.text() + "\n");
    log.add(sample);
    live.samples(log.samples());
  }
}
