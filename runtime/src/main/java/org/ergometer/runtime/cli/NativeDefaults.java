package org.ergometer.runtime.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.acceleration.Acceleration;
import org.ergometer.runtime.report.VisibleText;
import org.ergometer.runtime.threads.NativeThreads;

/**
 * Properties and variables that native libraries read once, when they start; what the user has set
 * stays.
 */
final class NativeDefaults {

  private static final String ARRAY_BYTES = "org.bytedeco.javacpp.maxbytes";

  /** As JavaCPP takes it. */
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})([kmgt]?)b?");

  private static final int BITS_OF_1024 = 10;

  private NativeDefaults() {}

  /** Sets what is not set; without effect once ND4J runs. */
  static void apply(boolean accounting) {
    try {
      NativeThreads.apply(line -> System.err.println("ergometer: " + VisibleText.inLine(line)));
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    applyProperties(accounting);
  }

  /** The same where no time depends on the numbers of threads; loads no library. */
  static void applyProperties(boolean accounting) {
    set("org.nd4j.log.initialization", "false");
    set("org.nd4j.versioncheck", "false");
    if (!accounting) {
      System.setProperty("ergometer.accounting", "off");
    }
    long memory = physicalMemory();
    if (memory > 0) {
      // Off-heap arrays may take half of the machine; the process with its heap, four fifths.
      set(ARRAY_BYTES, Long.toString(memory / 2));
      set("org.bytedeco.javacpp.maxphysicalbytes", Long.toString(memory / 5 * 4));
    }
  }

  /** Bytes that arrays may take; 0 where that is not known. */
  static long arrayBytes() {
    Matcher size = SIZE.matcher(System.getProperty(ARRAY_BYTES, "").toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      return 0;
    }
    int thousands = size.group(2).isEmpty() ? 0 : 1 + "kmgt".indexOf(size.group(2));
    return Long.parseLong(size.group(1)) << (BITS_OF_1024 * thousands);
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
