package org.ergometer.runtime.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.models.tokenizer.AddedToken;
import org.ergometer.models.tokenizer.BytePairTokenizer;
import org.ergometer.models.tokenizer.ByteTokenizer;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.models.tokenizer.Gpt2Tokenizer;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.runtime.checkpoint.BytePairFiles;
import org.ergometer.runtime.checkpoint.ForeignFile;
import org.ergometer.runtime.storage.AtomicFile;

/**
 * Tokenizers as Hugging Face's files: {@code tokenizer.json} always, {@code vocab.json} and {@code
 * merges.txt} where it is one of byte pairs. A tokenizer of bytes is one without merges; one of
 * characters looks every character up as a word.
 */
final class HuggingFaceTokenizer {

  static final String FILE = "tokenizer.json";

  private static final String SETTINGS = "tokenizer_config.json";
  private static final String CHARACTER = "[\\s\\S]";
  private static final int MOST_BYTES = 1 << 28;
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

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
    AtomicFile.write(directory.resolve(FILE), MAPPER.writeValueAsString(root) + "\n");
    ObjectNode settings =
        JsonNodeFactory.instance
            .objectNode()
            .put("tokenizer_class", "PreTrainedTokenizerFast")
            .put("model_max_length", context)
            .put("clean_up_tokenization_spaces", false);
    tokenizer.added().all().stream()
        .filter(AddedToken::ends)
        .findFirst()
        .map(AddedToken::content)
        .ifPresent(end -> settings.put("bos_token", end).put("eos_token", end));
    AtomicFile.write(directory.resolve(SETTINGS), MAPPER.writeValueAsString(settings) + "\n");
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
    throw new InvalidInputException(
        "a tokenizer %s cannot be written for others".formatted(tokenizer.name()));
  }

  private static ObjectNode empty() {
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("version", "1.0");
    root.putNull("truncation").putNull("padding").putArray("added_tokens");
    return root.putNull("normalizer");
  }

  private static ObjectNode ofPairs(BytePairTokenizer pairs) {
    ObjectNode root = empty();
    for (AddedToken token : pairs.added().all()) {
      AddedTokenJson.write(token, root.withArray("added_tokens").addObject());
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
    split.putObject("pattern").put("Regex", CHARACTER);
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
   * @param ends tokens that end a text by the model's configuration
   * @throws IllegalArgumentException if there is none, or it does what none here does
   */
  static Tokenizer read(Path directory, Set<Integer> ends) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      if (Files.exists(directory.resolve(BytePairFiles.VOCABULARY))) {
        return BytePairFiles.read(directory);
      }
      throw new InvalidInputException(
          "%s has neither %s nor %s; name another with --tokenizer"
              .formatted(directory, FILE, BytePairFiles.VOCABULARY));
    }
    Path settings = directory.resolve(SETTINGS);
    if (Files.exists(settings)) {
      read(
          settings,
          root -> {
            // They would add tokens or a space to every text, whatever the other file says.
            for (String key : List.of("add_prefix_space", "add_bos_token", "add_eos_token")) {
              root.off(key);
            }
            return root;
          });
    }
    return read(file, root -> tokenizer(root.only(TokenizerKeys.ROOT), ends));
  }

  private static <T> T read(Path file, Function<TokenizerKeys, T> reader) throws IOException {
    try {
      return reader.apply(
          new TokenizerKeys("it", MAPPER.readTree(ForeignFile.text(file, MOST_BYTES))));
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "%s is damaged; fetch it again, or name another tokenizer with --tokenizer"
              .formatted(file),
          e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "%s: %s; name another tokenizer with --tokenizer".formatted(file, e.getMessage()), e);
    }
  }

  private static Tokenizer tokenizer(TokenizerKeys root, Set<Integer> ends) {
    root.off("normalizer");
    TokenizerKeys model = root.inside("model");
    requirePlainEnds(root.value("post_processor"));
    return model.value("type").asText("BPE").equals("WordLevel")
        ? characters(root, model.only(TokenizerKeys.WORDS))
        : pairs(root, model, ends);
  }

  /** What comes after may only move offsets: others put tokens around every text. */
  private static void requirePlainEnds(JsonNode processor) {
    if (!processor.isMissingNode() && !processor.path("type").asText().equals("ByteLevel")) {
      throw TokenizerKeys.wrong("post_processor", "ByteLevel or none", processor.path("type"));
    }
  }

  private static Tokenizer pairs(TokenizerKeys root, TokenizerKeys model, Set<Integer> ends) {
    if (!model.value("type").isMissingNode()) { // the first files had none
      require("model", "BPE", model.value("type"));
    }
    model.only(TokenizerKeys.BYTE_PAIRS);
    TokenizerKeys splitting = root.inside("pre_tokenizer");
    require("pre_tokenizer", "ByteLevel", splitting.value("type"));
    splitting.only(TokenizerKeys.BYTE_LEVEL);
    if (!splitting.flag("use_regex", true)) {
      throw TokenizerKeys.wrong("use_regex", "true", splitting.value("use_regex"));
    }
    if (splitting.flag("add_prefix_space", true)) {
      throw TokenizerKeys.wrong("add_prefix_space", "false", splitting.value("add_prefix_space"));
    }
    if (!root.value("decoder").isMissingNode()) {
      require("decoder", "ByteLevel", root.value("decoder").path("type"));
    }
    for (String key :
        List.of(
            "byte_fallback",
            "ignore_merges",
            "dropout",
            "continuing_subword_prefix",
            "end_of_word_suffix")) {
      model.off(key);
    }
    List<String> merges = new ArrayList<>();
    for (JsonNode merge : model.list("merges")) {
      merges.add(
          merge.isArray() ? merge.path(0).asText() + " " + merge.path(1).asText() : merge.asText());
    }
    List<AddedToken> added = new ArrayList<>();
    root.list("added_tokens").forEach(token -> added.add(AddedTokenJson.read(token, ends)));
    return BytePairTokenizer.of(vocabulary(model, added), merges, added);
  }

  private static Tokenizer characters(TokenizerKeys root, TokenizerKeys model) {
    if (!root.list("added_tokens").isEmpty()) {
      throw new InvalidInputException(
          "added_tokens of a WordLevel vocabulary must be none, got some");
    }
    TokenizerKeys split = root.inside("pre_tokenizer").only(TokenizerKeys.SPLIT);
    require("pre_tokenizer", "Split", split.value("type"));
    require("pattern of pre_tokenizer", CHARACTER, split.value("pattern").path("Regex"));
    require("behavior", "Isolated", split.value("behavior"));
    split.off("invert");
    List<String> vocabulary = vocabulary(model, List.of());
    CharacterTokenizer characters = CharacterTokenizer.of(String.join("", vocabulary));
    if (!vocabulary.equals(
        characters.characters().codePoints().mapToObj(Character::toString).toList())) {
      throw new InvalidInputException(
          "a WordLevel vocabulary must be characters in order, got other words");
    }
    return characters;
  }

  /** Tokens by number, those that were added included. */
  private static List<String> vocabulary(TokenizerKeys model, List<AddedToken> added) {
    Map<Integer, String> byNumber = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : model.value("vocab").properties()) {
      if (!entry.getValue().isInt()
          || byNumber.put(entry.getValue().asInt(), entry.getKey()) != null) {
        throw new InvalidInputException(
            "vocab must give each token a number of its own, got %s for \"%s\""
                .formatted(entry.getValue(), entry.getKey()));
      }
    }
    added.forEach(token -> byNumber.putIfAbsent(token.id(), token.content()));
    int expected = 0;
    for (int number : byNumber.keySet()) {
      if (number != expected++) {
        throw new InvalidInputException(
            "the vocabulary must be numbered from 0 on, got number " + number);
      }
    }
    return List.copyOf(byNumber.values());
  }

  private static void require(String name, String rule, JsonNode value) {
    if (!value.asText("none").equals(rule)) {
      throw TokenizerKeys.wrong(name, rule, value);
    }
  }
}
