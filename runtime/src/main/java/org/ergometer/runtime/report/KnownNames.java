package org.ergometer.runtime.report;

import java.util.Arrays;
import java.util.function.Function;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.reconcile.Cause;

/**
 * Names of phases and causes that a file holds: those that there are, and whatever else is called
 * unknown, as that of a newer version would be.
 */
final class KnownNames {

  private KnownNames() {}

  static String phase(String name) {
    return known(Phase.values(), Phase::label, name, "phase");
  }

  static String cause(String name) {
    return known(Cause.values(), Cause::label, name, "cause");
  }

  private static <E> String known(E[] all, Function<E, String> label, String name, String what) {
    return Arrays.stream(all).map(label).anyMatch(name::equals)
        ? name
        : "unknown %s \"%s\"".formatted(what, name);
  }
}
