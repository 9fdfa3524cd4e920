package org.ergometer.runtime.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.ergometer.models.data.TokenFileWriter;
import org.ergometer.models.data.TokenSplit;
import org.ergometer.models.tokenizer.SpecialTokens;
import org.ergometer.models.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/** Encodes documents into files of tokens; between two in a file stands the end of text. */
final class TokenWriter implements Documents.Reader, Closeable {

  /** Of every ten documents the second is held out, so that two documents suffice. */
  private static final int HELD_OUT = 1;

  /** How most vocabularies write the end of a text. */
  static final String MARK = "<|endoftext|>";

  private final Tokenizer tokenizer;
  private final SpecialTokens special;
  private final TokenFileWriter training;
  private final @Nullable TokenFileWriter heldOut;
  private final Progress progress;
  private long documents;
  private boolean strayMark;
  private boolean inDocument;

  /** Is told now and then how many characters were read. */
  @FunctionalInterface
  interface Progress {
    void read(long characters);
  }

  private long characters;

  /**
   * Writes new files.
   *
   * @param heldOut for held-out documents; null if none are
   */
  TokenWriter(
      Tokenizer tokenizer,
      SpecialTokens special,
      Path training,
      @Nullable Path heldOut,
      Progress progress)
      throws IOException {
    this.tokenizer = tokenizer;
    this.special = special;
    this.training = new TokenFileWriter(training, tokenizer.vocabularySize());
    this.heldOut =
        heldOut == null ? null : new TokenFileWriter(heldOut, tokenizer.vocabularySize());
    this.progress = progress;
  }

  @Override
  public void text(String part) throws IOException {
    TokenFileWriter file = file();
    if (!inDocument && file.length() > 0) {
      OptionalInt end = tokenizer.endOfText();
      if (end.isPresent()) {
        file.add(end.getAsInt());
      }
    }
    inDocument = true;
    file.add(tokenizer.encode(part, special));
    strayMark |= tokenizer.added().all().isEmpty() && part.contains(MARK);
    characters += part.length();
    progress.read(characters);
  }

  @Override
  public void end() {
    inDocument = false;
    documents++;
  }

  private TokenFileWriter file() {
    boolean held = documents % TokenSplit.HELD_OUT_ONE_IN == HELD_OUT;
    return heldOut != null && held ? heldOut : training;
  }

  /** Whether the text holds what is a special token in other vocabularies and none in this one. */
  boolean strayMark() {
    return strayMark;
  }

  /** Completes the files; tells how many documents they hold. */
  long finish() throws IOException {
    training.finish();
    if (heldOut != null) {
      heldOut.finish();
    }
    return documents;
  }

  @Override
  public void close() throws IOException {
    training.close();
    if (heldOut != null) {
      heldOut.close();
    }
  }
}
