package org.ergometer.accounting.energy;

/**
 * What one figure of energy covers. Domains that are metered together never overlap, so that their
 * sum is energy that was really drawn.
 *
 * @param device the piece of hardware, such as {@code cpu-0}
 * @param name of the domain, unique in a process, such as {@code package-0} or {@code dram-0}
 * @param method how its energy is obtained
 * @param covers in words, for people
 */
public record EnergyDomain(String device, String name, EnergyMethod method, String covers) {

  /** Whether another is about the same, whatever the words. */
  public boolean isSameAs(EnergyDomain other) {
    return device.equals(other.device) && name.equals(other.name) && method == other.method;
  }
}
