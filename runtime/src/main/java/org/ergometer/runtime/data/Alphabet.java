package org.ergometer.runtime.data;

import java.util.BitSet;
import org.ergometer.models.tokenizer.CharacterTokenizer;

/** Collects the characters of documents. */
final class Alphabet implements Documents.Reader {

  private static final int END_OF_TEXT = 0;

  private final BitSet codePoints = new BitSet();
  private long documents;

  @Override
  public void text(String part) {
    part.codePoints().forEach(codePoints::set);
  }

  @Override
  public void end() {
    documents++;
  }

  /** The vocabulary; with a character to stand between documents where there are several. */
  CharacterTokenizer tokenizer() {
    if (documents > 1) {
      codePoints.set(END_OF_TEXT);
    }
    return CharacterTokenizer.of(codePoints);
  }
}
