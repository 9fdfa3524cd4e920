package org.ergometer.models.tokenizer;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.ergometer.accounting.input.InvalidInputException;

/** GPT-2's own vocabulary of 50 257 tokens (Radford et al. 2019), as jtokkit carries it. */
public final class Gpt2Tokenizer implements Tokenizer {

  public static final String NAME = "gpt2";

  private static final String END_OF_TEXT = "<|endoftext|>";
  private static final int TOKENS = 50_257;
  private static final AddedTokens ADDED =
      AddedTokens.of(List.of(AddedToken.special(TOKENS - 1, END_OF_TEXT, true)));

  private final Encoding encoding =
      Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);

  /** The same vocabulary as pairs of bytes that are merged; it gives the same tokens. */
  public static BytePairTokenizer bytePairs() {
    return Gpt2Vocabulary.bytePairs(END_OF_TEXT);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int vocabularySize() {
    return TOKENS;
  }

  @Override
  public int[] encode(String text) {
    return encoding.encodeOrdinary(text).toArray();
  }

  @Override
  public int[] encode(String text, SpecialTokens special) {
    IntList tokens = new IntList();
    ADDED.encode(text, special, tokens, (rest, target) -> target.addAll(encode(rest)));
    return tokens.toArray();
  }

  @Override
  public AddedTokens added() {
    return ADDED;
  }

  @Override
  public String decode(int... tokens) {
    return encoding.decode(known(tokens));
  }

  @Override
  public byte[] decodeBytes(int... tokens) {
    return encoding.decodeBytes(known(tokens));
  }

  private static IntArrayList known(int... tokens) {
    IntArrayList list = new IntArrayList(tokens.length);
    for (int token : tokens) {
      if (token < 0 || token >= TOKENS) {
        throw new InvalidInputException(
            "token must be in [0, %s), got %s; it comes from another tokenizer"
                .formatted(TOKENS, token));
      }
      list.add(token);
    }
    return list;
  }

  /** The token that is written {@code <|endoftext|>}, the last. */
  @Override
  public OptionalInt endOfText() {
    return OptionalInt.of(TOKENS - 1);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Gpt2Tokenizer;
  }

  @Override
  public int hashCode() {
    return NAME.hashCode();
  }
}
