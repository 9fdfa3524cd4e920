package org.ergometer.runtime.training;

import java.io.IOException;

/** Is told what a training run does, on the thread that trains, so it must be quick. */
@FunctionalInterface
public interface TrainingObserver {

  /** A step was done, and its evaluation if it has one. */
  void stepDone(TrainingStep step) throws IOException;
}
