package org.ergometer.models.data;

/** In which order windows of a text are trained on. */
public enum WindowOrder {
  /** Each window starts at a random token; some come twice before others come once. */
  RANDOM,

  /** The text is cut into windows, and each comes once before any comes again. */
  SHUFFLED
}
