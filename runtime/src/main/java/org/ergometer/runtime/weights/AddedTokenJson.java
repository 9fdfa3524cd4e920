package org.ergometer.runtime.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.ergometer.models.tokenizer.AddedToken;

/** An added token as {@code tokenizer.json} writes it. */
final class AddedTokenJson {

  static final String END_OF_TEXT = "<|endoftext|>";

  private AddedTokenJson() {}

  /**
   * Reads one.
   *
   * @param ends tokens that end a text by the model's configuration; none if it names none
   */
  static AddedToken read(JsonNode json, Set<Integer> ends) {
    TokenizerKeys token = new TokenizerKeys("an added token", json).only(TokenizerKeys.ADDED);
    JsonNode id = token.value("id");
    JsonNode content = token.value("content");
    if (!id.isInt() || !content.isTextual()) {
      throw TokenizerKeys.wrong("an added token", "a number and a text", json);
    }
    boolean special = token.flag("special", false);
    boolean named = ends.isEmpty() && content.asText().equals(END_OF_TEXT);
    return new AddedToken(
        id.asInt(),
        content.asText(),
        special,
        token.flag("single_word", false),
        token.flag("lstrip", false),
        token.flag("rstrip", false),
        token.flag("normalized", !special),
        special && (named || ends.contains(id.asInt())));
  }

  static void write(AddedToken token, ObjectNode json) {
    json.put("id", token.id())
        .put("content", token.content())
        .put("single_word", token.singleWord())
        .put("lstrip", token.lstrip())
        .put("rstrip", token.rstrip())
        .put("normalized", token.normalized())
        .put("special", token.special());
  }
}
