package org.ergometer.runtime.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ergometer.models.tokenizer.BytePairTokenizer;
import org.ergometer.models.tokenizer.ByteTokenizer;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.models.tokenizer.Gpt2Tokenizer;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.runtime.checkpoint.BytePairFiles;
import org.ergometer.runtime.checkpoint.RunDirectory;

/**
 * Tokenizers as Hugging Face's files: {@code tokenizer.json} always, {@code vocab.json} and {@code
 * merges.txt} where it is one of byte pairs. A tokenizer of bytes is one without merges; one of
 * characters looks every character up as a word.
 */
final class HuggingFaceTokenizer {

  static final String FILE = "tokenizer.json";

  private static final String END_OF_TEXT = "<|endoftext|>";
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private HuggingFaceTokenizer() {}

  /** Writes the files into a directory that exists. */
  static void write(Path directory, Tokenizer tokenizer, int context) throws IOException {
    ObjectNode root;
    if (tokenizer instanceof CharacterTokenizer characters) {
      root = ofCharacters(characters);
    } else {
      BytePairTokenizer pairs = pairs(tokenizer);
      BytePairFiles.write(directory, pairs);
      root = ofPairs(pairs);
    }
    RunDirectory.write(directory.resolve(FILE), MAPPER.writeValueAsString(root) + "\n");
    ObjectNode settings =
        JsonNodeFactory.instance
            .objectNode()
            .put("tokenizer_class", "PreTrainedTokenizerFast")
            .put("model_max_length", context)
            .put("clean_up_tokenization_spaces", false);
    if (!root.path("added_tokens").isEmpty()) {
      settings.put("bos_token", END_OF_TEXT).put("eos_token", END_OF_TEXT);
    }
    RunDirectory.write(
        directory.resolve("tokenizer_config.json"), MAPPER.writeValueAsString(settings) + "\n");
  }

  private static BytePairTokenizer pairs(Tokenizer tokenizer) {
    if (tokenizer instanceof BytePairTokenizer pairs) {
      return pairs;
    }
    if (tokenizer instanceof Gpt2Tokenizer) {
      return Gpt2Tokenizer.bytePairs();
    }
    if (tokenizer instanceof ByteTokenizer) {
      return BytePairTokenizer.ofBytes();
    }
    throw new IllegalArgumentException(
        "a tokenizer %s cannot be written for others".formatted(tokenizer.name()));
  }

  private static ObjectNode empty() {
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("version", "1.0");
    root.putNull("truncation").putNull("padding").putArray("added_tokens");
    return root.putNull("normalizer");
  }

  private static ObjectNode ofPairs(BytePairTokenizer pairs) {
    ObjectNode root = empty();
    int end = pairs.vocabulary().indexOf(END_OF_TEXT);
    if (end >= 0) {
      root.withArray("added_tokens")
          .addObject()
          .put("id", end)
          .put("content", END_OF_TEXT)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    byteLevel(root.putObject("pre_tokenizer"));
    root.putNull("post_processor");
    byteLevel(root.putObject("decoder"));
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    putVocabulary(model, pairs.vocabulary());
    pairs.merges().forEach(model.putArray("merges")::add);
    return root;
  }

  private static void byteLevel(ObjectNode node) {
    node.put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
  }

  private static void putVocabulary(ObjectNode model, List<String> vocabulary) {
    ObjectNode tokens = model.putObject("vocab");
    for (int token = 0; token < vocabulary.size(); token++) {
      tokens.put(vocabulary.get(token), token);
    }
  }

  private static ObjectNode ofCharacters(CharacterTokenizer characters) {
    ObjectNode root = empty();
    ObjectNode split = root.putObject("pre_tokenizer").put("type", "Split");
    split.putObject("pattern").put("Regex", "[\\s\\S]");
    split.put("behavior", "Isolated").put("invert", false);
    root.putNull("post_processor");
    root.putObject("decoder").put("type", "Fuse");
    ObjectNode model = root.putObject("model").put("type", "WordLevel");
    putVocabulary(
        model, characters.characters().codePoints().mapToObj(Character::toString).toList());
    model.put("unk_token", "<unk>");
    return root;
  }

  /**
   * The tokenizer of a directory.
   *
   * @throws IllegalArgumentException if there is none, or it does what none here does
   */
  static Tokenizer read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      if (Files.exists(directory.resolve(BytePairFiles.VOCABULARY))) {
        return BytePairFiles.read(directory);
      }
      throw new IllegalArgumentException(
          "%s has neither %s nor %s; name another with --tokenizer"
              .formatted(directory, FILE, BytePairFiles.VOCABULARY));
    }
    try {
      JsonNode root = MAPPER.readTree(Files.readString(file));
      String type = root.path("model").path("type").asText("BPE");
      return type.equals("WordLevel") ? readCharacters(root) : readPairs(root, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s is damaged; fetch it again, or name another tokenizer with --tokenizer"
              .formatted(file),
          e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s: %s; name another tokenizer with --tokenizer".formatted(file, e.getMessage()), e);
    }
  }

  private static Tokenizer readPairs(JsonNode root, String type) {
    JsonNode model = root.path("model");
    JsonNode splitting = root.path("pre_tokenizer");
    require("model", "BPE", type.equals("BPE"), type);
    require(
        "pre_tokenizer",
        "ByteLevel, with GPT-2's rule",
        splitting.path("type").asText().equals("ByteLevel")
            && splitting.path("use_regex").asBoolean(true),
        splitting.path("type").asText("none"));
    require("add_prefix_space", "false", !splitting.path("add_prefix_space").asBoolean(true), true);
    require("normalizer", "none", isNone(root.path("normalizer")), "another");
    require("byte_fallback", "false", !model.path("byte_fallback").asBoolean(), true);
    require("ignore_merges", "false", !model.path("ignore_merges").asBoolean(), true);
    List<String> merges = new ArrayList<>();
    for (JsonNode merge : model.path("merges")) {
      merges.add(
          merge.isArray() ? merge.path(0).asText() + " " + merge.path(1).asText() : merge.asText());
    }
    return BytePairTokenizer.of(vocabulary(root), merges);
  }

  private static Tokenizer readCharacters(JsonNode root) {
    List<String> vocabulary = vocabulary(root);
    CharacterTokenizer characters = CharacterTokenizer.of(String.join("", vocabulary));
    boolean same =
        vocabulary.equals(
            characters.characters().codePoints().mapToObj(Character::toString).toList());
    require("a WordLevel vocabulary", "characters in order", same, "other words");
    return characters;
  }

  /** Tokens by number, those that were added included. */
  private static List<String> vocabulary(JsonNode root) {
    Map<Integer, String> byNumber = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : root.path("model").path("vocab").properties()) {
      byNumber.put(entry.getValue().asInt(-1), entry.getKey());
    }
    for (JsonNode added : root.path("added_tokens")) {
      byNumber.putIfAbsent(added.path("id").asInt(-1), added.path("content").asText());
    }
    int expected = 0;
    for (int number : byNumber.keySet()) {
      require("the vocabulary", "numbered from 0 on", number == expected++, "number " + number);
    }
    return List.copyOf(byNumber.values());
  }

  private static boolean isNone(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private static void require(String name, String rule, boolean met, Object value) {
    if (!met) {
      throw new IllegalArgumentException("%s must be %s, got %s".formatted(name, rule, value));
    }
  }
}
