package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.Map;

/**
 * Exact counts in JSON. Readers that hold every number as a double are exact up to 2^53; a larger
 * count is a string of all its digits, with a number beside it under the same key and {@value
 * #TWIN}. An object of counts gets such a twin as a whole.
 */
final class ExactJson {

  static final String TWIN = "_double";

  private static final BigInteger LARGEST = BigInteger.ONE.shiftLeft(53);

  private ExactJson() {}

  /** Puts a count, and its twin if it needs one. */
  static void put(ObjectNode node, String key, BigInteger count) {
    putExact(node, key, count);
    if (!fits(count)) {
      node.put(key + TWIN, count.doubleValue());
    }
  }

  /** Puts an object of counts, and its twin if one of them needs it. */
  static void putAll(ObjectNode node, String key, Map<String, BigInteger> counts) {
    ObjectNode exact = node.putObject(key);
    counts.forEach((name, count) -> putExact(exact, name, count));
    if (!counts.values().stream().allMatch(ExactJson::fits)) {
      ObjectNode twin = node.putObject(key + TWIN);
      counts.forEach((name, count) -> twin.put(name, count.doubleValue()));
    }
  }

  /** The count that was put, all its digits; 0 where there is none. */
  static BigInteger read(JsonNode value) {
    return value.isTextual() ? new BigInteger(value.asText()) : value.bigIntegerValue();
  }

  private static void putExact(ObjectNode node, String key, BigInteger count) {
    if (fits(count)) {
      node.put(key, count);
    } else {
      node.put(key, count.toString());
    }
  }

  private static boolean fits(BigInteger count) {
    return count.abs().compareTo(LARGEST) <= 0;
  }
}
