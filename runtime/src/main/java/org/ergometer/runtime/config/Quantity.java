package org.ergometer.runtime.config;

import java.math.BigDecimal;
import java.util.Map;

/**
 * Reads numbers as people write them: {@code 2000}, {@code 512k}, {@code 70B}, {@code 1.4e12},
 * {@code 2^16}.
 */
public final class Quantity {

  private static final Map<Character, Integer> POWERS =
      Map.of('k', 3, 'K', 3, 'M', 6, 'G', 9, 'B', 9, 'T', 12, 'P', 15, 'E', 18);

  private static final String POWER_OF_TWO = "2^";

  private Quantity() {}

  /** A whole number that fits a long, exactly as written. */
  public static long whole(String name, String text) {
    try {
      return number(text).longValueExact();
    } catch (NumberFormatException e) {
      throw wrong(name, "a whole number", text, "write it like 2000, 512k or 1.4e12", e);
    } catch (ArithmeticException e) {
      throw wrong(name, "a whole number below 2^63", text, "write it like 2000, 512k or 1.4e12", e);
    }
  }

  /** A finite real number. */
  public static double real(String name, String text) {
    try {
      double value = number(text).doubleValue();
      if (Double.isFinite(value)) {
        return value;
      }
      throw new NumberFormatException("infinite");
    } catch (NumberFormatException e) {
      throw wrong(name, "a number", text, "write it like 0.001 or 1e-3", e);
    }
  }

  private static BigDecimal number(String text) {
    String digits = text.strip().replace("_", "");
    if (digits.isEmpty()) {
      throw new NumberFormatException("empty");
    }
    if (digits.startsWith(POWER_OF_TWO)) {
      return BigDecimal.valueOf(2)
          .pow(new BigDecimal(digits.substring(POWER_OF_TWO.length())).intValueExact());
    }
    Integer power = POWERS.get(digits.charAt(digits.length() - 1));
    if (power == null) {
      return new BigDecimal(digits);
    }
    return new BigDecimal(digits.substring(0, digits.length() - 1)).scaleByPowerOfTen(power);
  }

  private static IllegalArgumentException wrong(
      String name, String rule, String text, String remedy, RuntimeException cause) {
    return new IllegalArgumentException(
        "%s must be %s, got \"%s\"; %s".formatted(name, rule, text, remedy), cause);
  }
}
