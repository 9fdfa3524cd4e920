package org.ergometer.runtime.training;

import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.ergometer.accounting.predict.DecodingWork;
import org.ergometer.models.tokenizer.SpecialTokens;
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

  /** Why a text ended. */
  public enum End {
    /** All tokens were drawn. */
    TOKENS,
    /** The model drew a token that ends a text. */
    END_OF_TEXT,
    /** It wrote what it must not. */
    STOP,
    /** Its logits were NaN or infinite, so that there was no next token. */
    DIVERGED;

    /** Name in JSON. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What was written.
   *
   * @param text without the prompt and without what ended it
   * @param work what the model did for it
   * @param promptTokens tokens of the prompt
   * @param tokens that were drawn, one that ended it included
   * @param restarts times that the context was full
   */
  public record Written(
      String text, DecodingWork work, int promptTokens, int tokens, int restarts, End end) {}

  public TextSampler(Reader model, Tokenizer tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /** Tokens from which the model goes on where a context is full. */
  public static int kept(int context) {
    return Math.max(1, context / 2);
  }

  /**
   * Tokens of a prompt; of an empty one what a text begins after: the end of another where the
   * vocabulary has a token for it, else a line's end.
   *
   * @throws IllegalArgumentException if it holds what the vocabulary does not, or a special token
   *     that must not be
   */
  public int[] prompt(String text, SpecialTokens special) {
    return text.isEmpty() ? emptyPrompt() : tokenizer.encode(text, special);
  }

  /** Continues a prompt by so many tokens; see the other. */
  public Written write(String prompt, int count, TokenDraw draw, Consumer<String> written) {
    return write(prompt(prompt, SpecialTokens.TEXT), Extent.of(count), draw, written);
  }

  /**
   * Continues a prompt.
   *
   * @param prompt tokens to go on from, one at least
   * @param written is handed each piece of text as it is drawn, whole characters only
   */
  public Written write(int[] prompt, Extent extent, TokenDraw draw, Consumer<String> written) {
    try (Transformer.Held held = model.holdWeights()) {
      return goOn(prompt, extent, draw, new StopTexts(extent.stops(), written));
    }
  }

  private Written goOn(int[] start, Extent extent, TokenDraw draw, StopTexts text) {
    int[] tokens = Arrays.copyOf(start, Math.addExact(start.length, extent.tokens()));
    int context = model.context();
    int begin = Math.max(0, start.length - context);
    int read = begin;
    int restarts = 0;
    DecodingWork work = DecodingWork.NONE;
    Utf8Pieces pieces = new Utf8Pieces();
    End end = End.TOKENS;
    int length = start.length;
    model.clear();
    while (end == End.TOKENS && length < tokens.length) {
      if (length - begin > context) {
        begin = length - kept(context);
        read = begin;
        restarts++;
        model.clear();
      }
      work = work.plus(DecodingWork.of(read - begin, length - read));
      int token = draw.draw(known(model.read(Arrays.copyOfRange(tokens, read, length))));
      read = length;
      if (token == TokenDraw.NONE) {
        end = End.DIVERGED;
        break;
      }
      tokens[length++] = token;
      if (!extent.pastEnd() && tokenizer.ends(token)) {
        end = End.END_OF_TEXT;
      } else if (text.add(pieces.add(tokenizer.decodeBytes(token)))) {
        end = End.STOP;
      }
    }
    if (end != End.STOP && text.add(pieces.end())) {
      end = End.STOP;
    }
    text.end();
    return new Written(text.text(), work, start.length, length - start.length, restarts, end);
  }

  private int[] emptyPrompt() {
    OptionalInt end = tokenizer.added().end();
    if (end.isPresent()) {
      return new int[] {end.getAsInt()};
    }
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
