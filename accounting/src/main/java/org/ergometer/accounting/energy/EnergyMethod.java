package org.ergometer.accounting.energy;

import java.util.Locale;

/** How a figure of energy was obtained. */
public enum EnergyMethod {
  /** Counters of the processor, Running Average Power Limit (Intel SDM volume 3B, 16.10). */
  RAPL,
  /** The total-energy counter of an NVIDIA GPU, Volta and newer. */
  NVML_COUNTER,
  /** Power of an NVIDIA GPU, integrated over time by the trapezoidal rule. */
  NVML_POWER,
  /** A logger's file, such as that of a meter at the wall. */
  REPLAY,
  /** No sensor at all: watts that are said of the processor, times how busy it was. */
  POWER_MODEL;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name used in metrics and JSON. */
  public String label() {
    return label;
  }

  /** Whether something was measured; otherwise the figure is an estimate. */
  public boolean measured() {
    return this != POWER_MODEL;
  }
}
