package org.ergometer.runtime.training;

import java.util.List;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * How far a text is written.
 *
 * @param tokens to draw at most
 * @param stops texts before which it ends
 * @param pastEnd whether it goes on after a token that ends a text
 */
public record Extent(int tokens, List<String> stops, boolean pastEnd) {

  public Extent {
    if (tokens < 1) {
      throw new InvalidInputException(
          "tokens must be >= 1, got %s; set --tokens".formatted(tokens));
    }
    if (stops.stream().anyMatch(String::isEmpty)) {
      throw new InvalidInputException("stop must be a text, got none; leave --stop out");
    }
    stops = List.copyOf(stops);
  }

  /** So many tokens, whatever they are. */
  public static Extent of(int tokens) {
    return new Extent(tokens, List.of(), true);
  }
}
