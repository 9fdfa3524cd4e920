package org.ergometer.runtime.config;

import java.math.BigDecimal;
import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * Reads numbers as people write them: {@code 2000}, {@code 512k}, {@code 70B}, {@code 1.4e12},
 * {@code 2^16}.
 */
public final class Quantity {

  private static final Map<Character, Integer> POWERS =
      Map.of('k', 3, 'K', 3, 'M', 6, 'G', 9, 'B', 9, 'T', 12, 'P', 15, 'E', 18);

  private static final String POWER_OF_TWO = "2^";

  /** More digits than any number has that is meant. */
  private static final int LONGEST = 400;

  private static final int SHOWN = 60;

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
    } catch (ArithmeticException | NumberFormatException e) {
      throw wrong(name, "a number", text, "write it like 0.001 or 1e-3", e);
    }
  }

  private static BigDecimal number(String text) {
    String digits = text.strip().replace("_", "");
    if (digits.isEmpty() || digits.length() > LONGEST) {
      throw new NumberFormatException("empty or too long");
    }
    if (digits.startsWith(POWER_OF_TWO)) {
      int exponent = Integer.parseInt(digits.substring(POWER_OF_TWO.length()));
      if (exponent < 0 || exponent > Double.MAX_EXPONENT) {
        throw new NumberFormatException("no power of two that a number can be");
      }
      return BigDecimal.valueOf(2).pow(exponent);
    }
    Integer power = POWERS.get(digits.charAt(digits.length() - 1));
    if (power == null) {
      return new BigDecimal(digits);
    }
    return new BigDecimal(digits.substring(0, digits.length() - 1)).scaleByPowerOfTen(power);
  }

  private static IllegalArgumentException wrong(
      String name, String rule, String text, String remedy, RuntimeException cause) {
    return new InvalidInputException(
        "%s must be %s, got \"%s\"; %s"
            .formatted(
                name, rule, text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…", remedy),
        cause);
  }
}
