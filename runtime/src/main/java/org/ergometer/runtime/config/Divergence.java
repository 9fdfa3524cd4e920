package org.ergometer.runtime.config;

/** What a run does at a gradient that is no finite number, or a spike: its update is not made. */
public enum Divergence {
  /** It ends; what it had until then is saved, unless the loss is no number either. */
  STOP,
  /** It goes on with the next batch. */
  SKIP
}
