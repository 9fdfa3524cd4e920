package org.ergometer.runtime.cli;

/** Whether a run begins or goes on. */
enum ResumeMode {
  /** In a directory of its own. */
  NEW,
  /** Goes on; other settings than those it began with are refused. */
  SAME,
  /** Goes on with the settings it is given now. */
  CHANGED
}
