package org.ergometer.runtime.weights;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * An object of a {@code tokenizer.json} of which every key is known: what is not is refused, since
 * it may change the tokens of a text.
 */
record TokenizerKeys(String name, JsonNode object) {

  static final Set<String> ROOT =
      Set.of(
          "added_tokens",
          "decoder",
          "model",
          "normalizer",
          "padding", // of batches, by whoever asks for it
          "post_processor",
          "pre_tokenizer",
          "truncation", // by whoever asks for it
          "version");

  static final Set<String> BYTE_PAIRS =
      Set.of(
          "byte_fallback",
          "continuing_subword_prefix",
          "dropout",
          "end_of_word_suffix",
          "fuse_unk", // nothing is unknown where every byte is a token
          "ignore_merges",
          "merges",
          "type",
          "unk_token",
          "vocab");

  static final Set<String> WORDS = Set.of("type", "unk_token", "vocab");

  static final Set<String> BYTE_LEVEL =
      Set.of("add_prefix_space", "trim_offsets", "type", "use_regex"); // offsets are no tokens

  static final Set<String> SPLIT = Set.of("behavior", "invert", "pattern", "type");

  static final Set<String> ADDED =
      Set.of("content", "id", "lstrip", "normalized", "rstrip", "single_word", "special");

  TokenizerKeys {
    if (!object.isObject()) {
      throw new InvalidInputException("%s must be an object, got another".formatted(name));
    }
  }

  /** Refuses every other key that has a value. */
  TokenizerKeys only(Set<String> known) {
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      if (!known.contains(entry.getKey()) && !entry.getValue().isNull()) {
        throw new InvalidInputException(
            "%s must have no \"%s\", which is not known here".formatted(name, entry.getKey()));
      }
    }
    return this;
  }

  /** The value of a key; missing where there is none, or null. */
  JsonNode value(String key) {
    JsonNode value = object.path(key);
    return value.isNull() ? object.path("\0") : value;
  }

  /** The object of a key, whose absence is told. */
  TokenizerKeys inside(String key) {
    return new TokenizerKeys(key, value(key));
  }

  /** A list; empty where there is none. */
  JsonNode list(String key) {
    JsonNode value = value(key);
    if (!value.isMissingNode() && !value.isArray()) {
      throw wrong(key, "a list", value);
    }
    return value;
  }

  boolean flag(String key, boolean otherwise) {
    JsonNode value = value(key);
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw wrong(key, "true or false", value);
    }
    return value.asBoolean(otherwise);
  }

  /** Refuses whatever is there but a text, number or switch that says the same as nothing. */
  void off(String key) {
    JsonNode value = value(key);
    boolean nothing =
        value.isMissingNode()
            || (value.isBoolean() && !value.asBoolean())
            || (value.isTextual() && value.asText().isEmpty())
            || (value.isNumber() && value.asDouble() == 0);
    if (!nothing) {
      throw wrong(key, "none", value);
    }
  }

  static IllegalArgumentException wrong(String name, String rule, JsonNode value) {
    String text = value.isTextual() ? value.asText() : value.toString();
    return new InvalidInputException(
        "%s must be %s, got %s"
            .formatted(
                name,
                rule,
                value.isMissingNode() ? "none" : text.length() > 60 ? "another" : text));
  }
}
