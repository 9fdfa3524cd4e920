package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.nd4j.NativeCalls.Known;
import org.ergometer.accounting.nd4j.NativeCalls.Verdict;
import org.ergometer.accounting.nd4j.NativeMethods.Kind;
import org.ergometer.accounting.op.OpFamily;

/**
 * The decisive proof: in a JVM where every native method of ND4J and JavaCPP reports its calls,
 * work makes no native call on data that is not counted, and each is counted once.
 *
 * <p>The work is a main class that calls {@link #log}; a test hands it to {@link
 * #requireEachCallCountedOnce}.
 */
public final class NativeCallProof {

  /** Calls of the native seam: by the decorator alone. */
  private static final Pattern SEAM =
      Pattern.compile("(InstalledNativeOps|Counting\\w+)\\.\\w+ -> Nd4jCpu\\.(?<method>\\w+)");

  /** The hook's own reading of arguments; JavaCPP's memory of its pointers, and libraries. */
  private static final Pattern HOUSEKEEPING =
      Pattern.compile(
          "ContextState\\.\\w+ -> \\w+Pointer\\.get|.* -> (\\w+Pointer\\.<init>|Pointer(\\$\\w+)*\\.(allocate\\w*|deallocate\\w*|close"
              + "|physicalBytes\\w*|totalPhysicalBytes|trimMemory|<init>|run)|Loader\\.\\w+)");

  private final Map<String, Long> calls = new TreeMap<>();
  private final Map<OpFamily, Long> counted = new EnumMap<>(OpFamily.class);
  private long errors = -1;

  private NativeCallProof() {}

  /**
   * Does the work twice and prints what native code the second time called and what was counted
   * meanwhile; ends the process.
   */
  public static void log(Runnable work) {
    work.run(); // libraries, workspaces and updaters come into being
    Ledger ledger = new Ledger();
    Accounting accounting = Accounting.start(ledger);
    NativeCallLog.start();
    work.run();
    Map<String, Long> called = NativeCallLog.stop();
    accounting.close();
    called.forEach((call, times) -> System.out.println("call;" + call + ";" + times));
    LedgerSnapshot counted = ledger.snapshot();
    Map<OpFamily, Long> executions = new EnumMap<>(OpFamily.class);
    for (LedgerEntry entry : counted.entries()) {
      executions.merge(entry.family(), entry.executions(), Long::sum);
    }
    executions.forEach((family, times) -> System.out.println("counted;" + family + ";" + times));
    System.out.println("errors;;" + counted.accountingErrors());
    System.exit(0);
  }

  /**
   * Runs a program that calls {@link #log} in a JVM of its own, and compares.
   *
   * @param directory for the files of the other process
   * @return how many native calls on data it made
   */
  public static Map<OpFamily, Long> requireEachCallCountedOnce(
      Class<?> main, Path directory, String... jvmArguments) {
    NativeCallProof proof = new NativeCallProof();
    List<String> arguments = new ArrayList<>(List.of(jvmArguments));
    arguments.add(Fork.agentArgument(directory));
    proof.read(Fork.run(main, directory, arguments.toArray(String[]::new)));
    assertThat(proof.errors).isZero();
    Map<OpFamily, Long> onData = new EnumMap<>(OpFamily.class);
    proof.calls.forEach(
        (call, times) ->
            familyOf(call).ifPresent(family -> onData.merge(family, times, Long::sum)));
    assertThat(onData).isEqualTo(proof.counted);
    return onData;
  }

  private void read(List<String> output) {
    for (String line : output) {
      String[] fields = line.split(";", -1);
      switch (fields[0]) {
        case "call" -> calls.put(fields[1], Long.valueOf(fields[2]));
        case "counted" -> counted.put(OpFamily.valueOf(fields[1]), Long.valueOf(fields[2]));
        case "errors" -> errors = Long.parseLong(fields[2]);
        default -> {} // a line of the log
      }
    }
  }

  /** The family that a native call is counted in, or nothing if it does no work on data. */
  private static Optional<OpFamily> familyOf(String call) {
    Matcher seam = SEAM.matcher(call);
    if (seam.matches()) {
      return familyOfSeam(seam.group("method"));
    }
    for (Known known : NativeCalls.ALL) {
      if (known.matches(call)) {
        OpFamily family = known.reason().equals("CountedBlas") ? OpFamily.BLAS : OpFamily.MEMORY;
        boolean elsewhere = known.verdict() == Verdict.COUNTED_ELSEWHERE;
        return elsewhere ? Optional.of(family) : Optional.empty();
      }
    }
    assertThat(call).as("a native call that is known").matches(HOUSEKEEPING);
    return Optional.empty();
  }

  private static Optional<OpFamily> familyOfSeam(String method) {
    Kind kind = NativeMethods.kinds().get(method);
    assertThat(kind).as(method).isNotNull();
    if (kind != Kind.COMPUTE && kind != Kind.COPY) {
      return Optional.empty();
    }
    for (NativeMethods.Numbered op : NativeMethods.NUMBERED) {
      if (op.method().equals(method)) {
        return Optional.of(op.family().family());
      }
    }
    return Optional.of(method.startsWith("execCustomOp") ? OpFamily.CUSTOM : OpFamily.MEMORY);
  }
}
