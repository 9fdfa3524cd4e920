package org.ergometer.runtime.training;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.ergometer.models.tokenizer.Tokenizer;

/**
 * Writes text by drawing one token after the other from what a model predicts.
 *
 * <p>The model sees at most the last {@code T} tokens, always in a window of T: the part after the
 * text is padding, which a causal model cannot see.
 */
public final class TextSampler {

  private final Predictor model;
  private final Tokenizer tokenizer;
  private final int context;

  /** Predicts the token that follows. */
  @FunctionalInterface
  public interface Predictor {

    /**
     * Logits over the vocabulary for the token after position {@code last}.
     *
     * @param window T tokens, of which those after {@code last} mean nothing
     */
    float[] logits(int[] window, int last);
  }

  public TextSampler(Predictor model, Tokenizer tokenizer, int context) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.context = context;
  }

  /**
   * Continues a prompt.
   *
   * @param prompt text to continue; if it is empty the model starts after a line's end
   * @param count tokens to draw
   * @param temperature divides the logits; 0 always takes the likeliest token
   * @param written is handed each piece of text as it is drawn
   * @return what was drawn, without the prompt
   */
  public String write(
      String prompt, int count, double temperature, long seed, Consumer<String> written) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "tokens must be >= 1, got %d; set --tokens".formatted(count));
    }
    if (!(temperature >= 0 && Double.isFinite(temperature))) {
      throw new IllegalArgumentException(
          "temperature must be >= 0, got %s; set --temperature".formatted(temperature));
    }
    int[] start = prompt.isEmpty() ? emptyPrompt() : tokenizer.encode(prompt);
    int[] window = new int[context];
    int length = Math.min(start.length, context);
    System.arraycopy(start, start.length - length, window, 0, length);
    SplittableRandom random = new SplittableRandom(seed);
    int[] drawn = new int[count];
    int shown = 0;
    for (int i = 0; i < count; i++) {
      drawn[i] = draw(known(model.logits(window, length - 1)), temperature, random);
      if (length == context) {
        System.arraycopy(window, 1, window, 0, context - 1);
        length--;
      }
      window[length++] = drawn[i];
      shown = show(drawn, shown, i + 1, written);
    }
    return tokenizer.decode(drawn);
  }

  /** Hands out whole characters only: a token may be a part of one. */
  private int show(int[] drawn, int from, int to, Consumer<String> written) {
    String text = tokenizer.decode(Arrays.copyOfRange(drawn, from, to));
    boolean cut = text.endsWith("\uFFFD") && to - from < 4 && to < drawn.length;
    if (!cut) {
      written.accept(text);
    }
    return cut ? from : to;
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

  private static int draw(float[] logits, double temperature, SplittableRandom random) {
    int best = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[best]) {
        best = token;
      }
    }
    if (temperature == 0) {
      return best;
    }
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int token = 0; token < logits.length; token++) {
      weights[token] = Math.exp((logits[token] - logits[best]) / temperature);
      sum += weights[token];
    }
    double left = random.nextDouble() * sum;
    for (int token = 0; token < logits.length; token++) {
      left -= weights[token];
      if (left < 0) {
        return token;
      }
    }
    return best;
  }
}
