package org.ergometer.models.transformer;

import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.TransformerShape;

/**
 * Bounds of token ids. What looks rows of an embedding up in native memory does not ask whether
 * they are there.
 */
public final class TokenIds {

  private TokenIds() {}

  /**
   * Refuses an id that is no row of a model's embedding.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static void require(int token, TransformerShape shape) {
    if (token < 0 || token >= shape.vocabulary()) {
      throw new InvalidInputException(
          "token must be below the model's vocabulary of %s, got %s; the text was encoded for another model"
              .formatted(shape.vocabulary(), token));
    }
  }
}
