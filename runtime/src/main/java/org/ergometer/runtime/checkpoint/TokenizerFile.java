package org.ergometer.runtime.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ergometer.models.tokenizer.BytePairTokenizer;
import org.ergometer.models.tokenizer.ByteTokenizer;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.models.tokenizer.Gpt2Tokenizer;
import org.ergometer.models.tokenizer.Tokenizer;

/** A tokenizer as a JSON file: its kind, and its vocabulary where it has one of its own. */
public final class TokenizerFile {

  private static final JsonMapper MAPPER = new JsonMapper();

  private TokenizerFile() {}

  public static void write(Path file, Tokenizer tokenizer) throws IOException {
    RunDirectory.write(file, out -> out.write(bytes(tokenizer)));
  }

  /** The bytes of a file that holds a tokenizer, the same for equal tokenizers. */
  public static byte[] bytes(Tokenizer tokenizer) {
    ObjectNode root = MAPPER.createObjectNode().put("kind", tokenizer.name());
    if (tokenizer instanceof CharacterTokenizer characters) {
      root.put("characters", characters.characters());
    }
    if (tokenizer instanceof BytePairTokenizer pairs) {
      pairs.vocabulary().forEach(root.putArray("vocabulary")::add);
      pairs.merges().forEach(root.putArray("merges")::add);
    }
    return Checksums.bytes(root + "\n");
  }

  /**
   * The tokenizer that a file holds.
   *
   * @throws IllegalArgumentException if it cannot be read, or holds none that is known here
   */
  public static Tokenizer read(Path file) {
    try {
      return tokenizer(file, MAPPER.readTree(Files.readString(file)));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "tokenizer file %s is not there or damaged (%s); name that of a run"
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  private static Tokenizer tokenizer(Path file, JsonNode root) {
    String kind = root.path("kind").asText();
    return switch (kind) {
      case CharacterTokenizer.NAME -> CharacterTokenizer.of(root.path("characters").asText());
      case ByteTokenizer.NAME -> new ByteTokenizer();
      case Gpt2Tokenizer.NAME -> new Gpt2Tokenizer();
      case BytePairTokenizer.NAME ->
          BytePairTokenizer.of(texts(root.path("vocabulary")), texts(root.path("merges")));
      default ->
          throw new IllegalArgumentException(
              "tokenizer kind must be char, byte, gpt2 or bpe, got \"%s\" in %s; was it written by a newer version?"
                  .formatted(kind, file));
    };
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }
}
