package org.ergometer.runtime.config;

/** Which tenth of the text is held out. */
public enum SplitKind {
  /** The last tenth of all tokens. */
  TAIL,

  /** The second of every ten documents. */
  DOCUMENT
}
