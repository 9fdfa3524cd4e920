package org.ergometer.runtime.report;

import java.util.Locale;

/** A number of things in words: one of them, or more. */
public final class Counted {

  private Counted() {}

  /**
   * Such as {@code 1 layer} and {@code 1,024 layers}.
   *
   * @param thing a noun whose plural ends in an s
   */
  public static String of(long count, String thing) {
    return String.format(Locale.ROOT, "%,d %s%s", count, thing, count == 1 ? "" : "s");
  }
}
