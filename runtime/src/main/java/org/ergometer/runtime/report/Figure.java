package org.ergometer.runtime.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** A number as people read it: six digits, commas between thousands, powers of ten beyond. */
final class Figure {

  private static final MathContext DIGITS = new MathContext(6);
  private static final double LARGEST_PLAIN = 1e12;
  private static final double SMALLEST_PLAIN = 1e-4;

  private Figure() {}

  static String of(double value) {
    double size = Math.abs(value);
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    BigDecimal rounded = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
    if (size != 0 && (size >= LARGEST_PLAIN || size < SMALLEST_PLAIN)) {
      int exponent = rounded.precision() - rounded.scale() - 1;
      return rounded.scaleByPowerOfTen(-exponent).toPlainString() + "e" + exponent;
    }
    return String.format(Locale.ROOT, "%,." + Math.max(0, rounded.scale()) + "f", rounded);
  }
}
