package org.ergometer.runtime.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.models.tokenizer.AddedToken;
import org.ergometer.models.tokenizer.BytePairTokenizer;
import org.ergometer.models.tokenizer.ByteTokenizer;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.models.tokenizer.Gpt2Tokenizer;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.runtime.storage.AtomicFile;
import org.ergometer.runtime.storage.FileProblem;

/**
 * A tokenizer as a JSON file: its kind, its vocabulary where it has one of its own, and the SHA-256
 * of the two, so that no damaged one is taken for another.
 */
public final class TokenizerFile {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Vocabularies of millions of tokens have less. */
  private static final int MOST_BYTES = 1 << 28;

  private static final String SUM = "sha256";
  private static final String ADDED = "added";

  private TokenizerFile() {}

  public static void write(Path file, Tokenizer tokenizer) throws IOException {
    String text = content(tokenizer).put(SUM, Sha256.of(tokenizer)) + "\n";
    AtomicFile.write(file, out -> out.write(Checksums.bytes(text)));
  }

  /** What a file says of a tokenizer, without its sum; the same for equal tokenizers. */
  static byte[] bytes(Tokenizer tokenizer) {
    return Checksums.bytes(content(tokenizer) + "\n");
  }

  private static ObjectNode content(Tokenizer tokenizer) {
    ObjectNode root = MAPPER.createObjectNode().put("kind", tokenizer.name());
    if (tokenizer instanceof CharacterTokenizer characters) {
      root.put("characters", characters.characters());
    }
    if (tokenizer instanceof BytePairTokenizer pairs) {
      pairs.vocabulary().forEach(root.putArray("vocabulary")::add);
      pairs.merges().forEach(root.putArray("merges")::add);
      if (!pairs.addedByOthers().isEmpty()) {
        root.set(ADDED, MAPPER.valueToTree(pairs.addedByOthers()));
      }
    }
    return root;
  }

  /**
   * The tokenizer that a file holds; files of earlier versions have no sum.
   *
   * @throws IllegalArgumentException if it cannot be read, is damaged, or holds none that is known
   *     here
   */
  public static Tokenizer read(Path file) {
    try {
      JsonNode root = MAPPER.readTree(ForeignFile.text(file, MOST_BYTES));
      Tokenizer tokenizer = tokenizer(file, root);
      if (root.has(SUM) && !root.path(SUM).asText().equals(Sha256.of(tokenizer))) {
        throw new InvalidInputException(
            "tokenizer file %s is damaged: its SHA-256 is not the one that it says; name that of a run"
                .formatted(file));
      }
      return tokenizer;
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "tokenizer file %s is damaged: it is no JSON of a tokenizer; name that of a run"
              .formatted(file),
          e);
    } catch (IOException e) {
      throw new InvalidInputException(
          "tokenizer file %s is not there or cannot be read (%s); name that of a run"
              .formatted(file, FileProblem.of(e)),
          e);
    }
  }

  private static Tokenizer tokenizer(Path file, JsonNode root) throws JsonProcessingException {
    String kind = root.path("kind").asText();
    return switch (kind) {
      case CharacterTokenizer.NAME -> CharacterTokenizer.of(root.path("characters").asText());
      case ByteTokenizer.NAME -> new ByteTokenizer();
      case Gpt2Tokenizer.NAME -> new Gpt2Tokenizer();
      case BytePairTokenizer.NAME ->
          BytePairTokenizer.of(
              texts(root.path("vocabulary")), texts(root.path("merges")), added(root.path(ADDED)));
      default ->
          throw new InvalidInputException(
              "tokenizer kind must be char, byte, gpt2 or bpe, got \"%s\" in %s; was it written by a newer version?"
                  .formatted(kind, file));
    };
  }

  private static List<AddedToken> added(JsonNode array) throws JsonProcessingException {
    List<AddedToken> tokens = new ArrayList<>();
    for (JsonNode token : array) {
      tokens.add(MAPPER.treeToValue(token, AddedToken.class));
    }
    return tokens;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }
}
