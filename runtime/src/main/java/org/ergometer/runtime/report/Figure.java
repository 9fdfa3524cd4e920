package org.ergometer.runtime.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** A number as people read it: six digits, commas between thousands, powers of ten beyond. */
final class Figure {

  private static final MathContext DIGITS = new MathContext(6);
  private static final double LARGEST_PLAIN = 1e12;
  private static final double SMALLEST_PLAIN = 1e-4;

  private static final MathContext FEW_DIGITS = new MathContext(4);
  private static final String[] MULTIPLES = {"", "k", "M", "B", "T"};

  private Figure() {}

  /** A count of parameters or tokens as the field writes it: 124.4M, 70B, 1.4T. */
  static String count(double value) {
    BigDecimal rounded = new BigDecimal(value).round(FEW_DIGITS).stripTrailingZeros();
    int thousands = Math.max(0, (rounded.precision() - rounded.scale() - 1) / 3);
    return thousands < MULTIPLES.length
        ? rounded.movePointLeft(3 * thousands).toPlainString() + MULTIPLES[thousands]
        : power(value);
  }

  /** Four digits and a power of ten. */
  static String power(double value) {
    return value == 0
        ? "0"
        : scientific(new BigDecimal(value).round(FEW_DIGITS).stripTrailingZeros());
  }

  static String of(double value) {
    double size = Math.abs(value);
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    BigDecimal rounded = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
    if (size != 0 && (size >= LARGEST_PLAIN || size < SMALLEST_PLAIN)) {
      return scientific(rounded);
    }
    return String.format(Locale.ROOT, "%,." + Math.max(0, rounded.scale()) + "f", rounded);
  }

  private static String scientific(BigDecimal rounded) {
    int exponent = rounded.precision() - rounded.scale() - 1;
    return rounded.scaleByPowerOfTen(-exponent).toPlainString() + "e" + exponent;
  }
}
