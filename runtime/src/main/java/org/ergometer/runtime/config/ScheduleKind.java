package org.ergometer.runtime.config;

/** What the learning rate does after the warm-up. */
public enum ScheduleKind {
  /** Falls along half a cosine until the last step. */
  COSINE,
  /** Falls along a line until the last step. */
  LINEAR,
  /** Warm-up, stable, decay: stays, and falls along a line over the last steps. */
  WSD,
  /** Stays. */
  CONSTANT
}
