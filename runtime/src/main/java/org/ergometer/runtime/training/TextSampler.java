package org.ergometer.runtime.training;

import java.util.Arrays;
import java.util.function.Consumer;
import org.ergometer.accounting.predict.DecodingWork;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.models.transformer.Transformer;

/**
 * Writes text by drawing one token after the other from what a model predicts.
 *
 * <p>A model sees its context of T tokens. Of a longer prompt it sees the last T; where text has
 * filled the context, it goes on from the last T/2 as if they were the beginning.
 */
public final class TextSampler {

  private final Reader model;
  private final Tokenizer tokenizer;

  /** A model that reads a text piece by piece. */
  public interface Reader {

    /** Most tokens of a text, T. */
    int context();

    /** Promises that no parameter changes until what this gives is closed. */
    default Transformer.Held holdWeights() {
      return () -> {};
    }

    /** Begins another text. */
    void clear();

    /** Logits over the vocabulary for the token after these, which follow those read before. */
    float[] read(int... tokens);
  }

  /**
   * What was written.
   *
   * @param text without the prompt
   * @param work what the model did for it
   * @param promptTokens tokens of the prompt
   * @param restarts times that the context was full
   */
  public record Written(String text, DecodingWork work, int promptTokens, int restarts) {}

  public TextSampler(Reader model, Tokenizer tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /** Tokens from which the model goes on where a context is full. */
  public static int kept(int context) {
    return Math.max(1, context / 2);
  }

  /**
   * Continues a prompt.
   *
   * @param prompt text to continue; if it is empty the model starts after a line's end
   * @param count tokens to draw
   * @param written is handed each piece of text as it is drawn, whole characters only
   */
  public Written write(String prompt, int count, TokenDraw draw, Consumer<String> written) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "tokens must be >= 1, got %s; set --tokens".formatted(count));
    }
    try (Transformer.Held held = model.holdWeights()) {
      return goOn(prompt, count, draw, written);
    }
  }

  private Written goOn(String prompt, int count, TokenDraw draw, Consumer<String> written) {
    int[] start = prompt.isEmpty() ? emptyPrompt() : tokenizer.encode(prompt);
    int[] tokens = Arrays.copyOf(start, Math.addExact(start.length, count));
    int context = model.context();
    int begin = Math.max(0, start.length - context);
    int read = begin;
    int restarts = 0;
    DecodingWork work = DecodingWork.NONE;
    Utf8Pieces pieces = new Utf8Pieces();
    model.clear();
    for (int length = start.length; length < tokens.length; length++) {
      if (length - begin > context) {
        begin = length - kept(context);
        read = begin;
        restarts++;
        model.clear();
      }
      work = work.plus(DecodingWork.of(read - begin, length - read));
      tokens[length] = draw.draw(known(model.read(Arrays.copyOfRange(tokens, read, length))));
      read = length;
      handOut(pieces.add(tokenizer.decodeBytes(tokens[length])), written);
    }
    handOut(pieces.end(), written);
    String text = tokenizer.decode(Arrays.copyOfRange(tokens, start.length, tokens.length));
    return new Written(text, work, start.length, restarts);
  }

  private static void handOut(String piece, Consumer<String> written) {
    if (!piece.isEmpty()) {
      written.accept(piece);
    }
  }

  private int[] emptyPrompt() {
    try {
      return tokenizer.encode("\n");
    } catch (IllegalArgumentException e) {
      return new int[1]; // a vocabulary without line ends: any token will do
    }
  }

  /** A vocabulary may have more rows than there are tokens; those mean nothing. */
  private float[] known(float[] logits) {
    int tokens = tokenizer.vocabularySize();
    return tokens < logits.length ? Arrays.copyOf(logits, tokens) : logits;
  }
}
