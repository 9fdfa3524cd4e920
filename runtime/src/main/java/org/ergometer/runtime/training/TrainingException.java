package org.ergometer.runtime.training;

/** Training cannot go on; the message says at which step and what may help. */
public final class TrainingException extends RuntimeException {

  public TrainingException(String message) {
    super(message);
  }
}
