package org.ergometer.runtime.config;

/** What a run does at a gradient that is no finite number: its update is never made. */
public enum Divergence {
  /** It ends, and the last checkpoint stands. */
  STOP,
  /** It goes on with the next batch. */
  SKIP
}
