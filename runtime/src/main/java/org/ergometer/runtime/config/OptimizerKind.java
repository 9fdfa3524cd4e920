package org.ergometer.runtime.config;

/** Update rules to choose from. */
public enum OptimizerKind {
  ADAMW,
  SGD,
  LION,
  ADAFACTOR
}
