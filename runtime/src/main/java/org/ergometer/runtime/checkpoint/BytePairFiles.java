package org.ergometer.runtime.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.models.tokenizer.BytePairTokenizer;
import org.ergometer.runtime.storage.AtomicFile;
import org.ergometer.runtime.storage.FileProblem;

/**
 * A byte-pair vocabulary as the two files that GPT-2 came with and others took over: {@code
 * vocab.json}, tokens with their numbers, and {@code merges.txt}, a pair a line.
 */
public final class BytePairFiles {

  public static final String VOCABULARY = "vocab.json";
  public static final String MERGES = "merges.txt";

  private static final String VERSION = "#version: 0.2";
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final int MOST_BYTES = 1 << 28;

  private BytePairFiles() {}

  /**
   * Reads both files.
   *
   * @param path one of them, or the directory that holds them
   * @throws IllegalArgumentException if one is missing or is not what it should be
   */
  public static BytePairTokenizer read(Path path) {
    Path directory = Files.isDirectory(path) ? path : path.resolveSibling("");
    Path vocabulary = directory.resolve(VOCABULARY);
    Path merges = directory.resolve(MERGES);
    for (Path file : List.of(path, vocabulary, merges)) {
      if (!Files.exists(file)) {
        throw new InvalidInputException(
            "tokenizer file %s does not exist; bpe: takes a directory with %s and %s"
                .formatted(file, VOCABULARY, MERGES));
      }
    }
    try {
      return BytePairTokenizer.of(vocabulary(vocabulary), merges(merges));
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "%s in %s is damaged: it is no JSON object with each token once; make it again or take another"
              .formatted(VOCABULARY, directory),
          e);
    } catch (IOException e) {
      throw new InvalidInputException(
          "tokenizer files in %s cannot be read (%s); check their permissions"
              .formatted(directory, FileProblem.of(e)),
          e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("%s: %s".formatted(directory, e.getMessage()), e);
    }
  }

  /** Writes both files into a directory that exists; each appears whole or not at all. */
  public static void write(Path directory, BytePairTokenizer tokenizer) throws IOException {
    ObjectNode tokens = MAPPER.createObjectNode();
    for (int token = 0; token < tokenizer.vocabularySize(); token++) {
      tokens.put(tokenizer.vocabulary().get(token), token);
    }
    AtomicFile.write(directory.resolve(VOCABULARY), MAPPER.writeValueAsString(tokens) + "\n");
    AtomicFile.write(
        directory.resolve(MERGES), VERSION + "\n" + String.join("\n", tokenizer.merges()) + "\n");
  }

  private static List<String> vocabulary(Path file) throws IOException {
    JsonNode root = MAPPER.readTree(ForeignFile.text(file, MOST_BYTES));
    Map<Integer, String> byNumber = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      if (!entry.getValue().isInt()
          || byNumber.put(entry.getValue().asInt(), entry.getKey()) != null) {
        throw new InvalidInputException(
            "%s must give each token a number of its own, got %s for \"%s\""
                .formatted(VOCABULARY, entry.getValue(), entry.getKey()));
      }
    }
    List<String> vocabulary = new ArrayList<>(byNumber.values());
    for (int number = 0; number < vocabulary.size(); number++) {
      if (!byNumber.containsKey(number)) {
        throw new InvalidInputException(
            "%s must number its %s tokens from 0 on, got none with number %s"
                .formatted(VOCABULARY, vocabulary.size(), number));
      }
    }
    return vocabulary;
  }

  private static List<String> merges(Path file) throws IOException {
    List<String> merges = new ArrayList<>(ForeignFile.text(file, MOST_BYTES).lines().toList());
    if (!merges.isEmpty() && merges.get(0).startsWith("#version")) {
      merges.remove(0);
    }
    merges.removeIf(String::isEmpty);
    return merges;
  }
}
