package org.ergometer.models.tokenizer;

import org.ergometer.accounting.input.InvalidInputException;

/**
 * A token that text is searched for before it is cut into pieces.
 *
 * @param id its number
 * @param content as it is written in text
 * @param special whether it marks something and is no text, such as {@code <|endoftext|>}
 * @param singleWord whether it counts only where no letter or digit is next to it
 * @param lstrip whether white space before it belongs to it
 * @param rstrip whether white space after it belongs to it
 * @param normalized whether it is searched for after those that are not
 * @param ends whether a text ends with it
 */
public record AddedToken(
    int id,
    String content,
    boolean special,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip,
    boolean normalized,
    boolean ends) {

  public AddedToken {
    if (content.isEmpty()) {
      throw new InvalidInputException(
          "an added token must have a content, got none for number %s".formatted(id));
    }
  }

  /** A special token, taken wherever it is written. */
  static AddedToken special(int id, String content, boolean ends) {
    return new AddedToken(id, content, true, false, false, false, false, ends);
  }
}
