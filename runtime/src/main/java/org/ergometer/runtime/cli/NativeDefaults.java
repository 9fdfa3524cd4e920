package org.ergometer.runtime.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.ergometer.runtime.acceleration.Acceleration;
import org.ergometer.runtime.threads.NativeThreads;

/**
 * Properties and variables that native libraries read once, when they start; what the user has set
 * stays.
 */
final class NativeDefaults {

  private NativeDefaults() {}

  /** Sets what is not set; without effect once ND4J runs. */
  static void apply(boolean accounting) {
    NativeThreads.apply(line -> System.err.println("ergometer: " + line));
    set("org.nd4j.log.initialization", "false");
    set("org.nd4j.versioncheck", "false");
    if (!accounting) {
      System.setProperty("ergometer.accounting", "off");
    }
    long memory = physicalMemory();
    if (memory > 0) {
      // Off-heap arrays may take half of the machine; the process with its heap, four fifths.
      set("org.bytedeco.javacpp.maxbytes", Long.toString(memory / 2));
      set("org.bytedeco.javacpp.maxphysicalbytes", Long.toString(memory / 5 * 4));
    }
  }

  /** Leaves every op to ND4J; without effect once ND4J runs. */
  static void withoutAcceleration() {
    System.setProperty(Acceleration.PROPERTY, Acceleration.OFF);
  }

  private static void set(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** Bytes of memory this machine or container has; 0 where the JVM does not tell. */
  private static long physicalMemory() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }
}
