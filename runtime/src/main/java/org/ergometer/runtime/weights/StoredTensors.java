package org.ergometer.runtime.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.checkpoint.ForeignFile;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a model's directory: those of {@code model.safetensors}, or, where a model is too
 * large for one file, those of the files that {@code model.safetensors.index.json} names.
 */
final class StoredTensors implements Closeable {

  private static final String WHOLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String PLACES = "weight_map";
  private static final int MOST_BYTES = 1 << 26;
  private static final String REMEDY = "; fetch the directory again";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path path;
  private final Map<String, SafetensorsFile> files = new TreeMap<>();
  private final Map<String, SafetensorsFile> places = new LinkedHashMap<>();

  private StoredTensors(Path path) {
    this.path = path;
  }

  /**
   * Opens the files and reads their headers.
   *
   * @throws IllegalArgumentException if one is not there or not as the format wants it, or index
   *     and files differ, in one line
   */
  static StoredTensors open(Path directory) throws IOException {
    Path whole = directory.resolve(WHOLE);
    Path index = directory.resolve(INDEX);
    boolean several = !Files.exists(whole) && Files.exists(index);
    StoredTensors tensors = new StoredTensors(several ? index : whole);
    try {
      if (several) {
        tensors.addIndexed(directory, index(index));
      } else {
        tensors.add(WHOLE, whole);
      }
      return tensors;
    } catch (IllegalArgumentException | IOException e) {
      tensors.close();
      throw e;
    }
  }

  /** The file of each tensor, as an index says. */
  private static Map<String, String> index(Path file) throws IOException {
    JsonNode map;
    try {
      map = MAPPER.readTree(ForeignFile.text(file, MOST_BYTES)).path(PLACES);
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "%s is no JSON with each name once%s".formatted(file, REMEDY), e);
    }
    Map<String, String> places = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String name = entry.getValue().asText();
      if (!entry.getValue().isTextual() || !name.matches("[\\w.-]+\\.safetensors")) {
        throw new InvalidInputException(
            "%s must name a file of the directory, such as model-00001-of-00002.safetensors, for each tensor, got %s for %s"
                .formatted(file, entry.getValue(), entry.getKey()));
      }
      places.put(entry.getKey(), name);
    }
    if (places.isEmpty()) {
      throw new InvalidInputException(
          "%s must have a %s with a file for each tensor, got none%s"
              .formatted(file, PLACES, REMEDY));
    }
    return places;
  }

  private void addIndexed(Path directory, Map<String, String> index) throws IOException {
    for (String name : Set.copyOf(index.values())) {
      add(name, directory.resolve(name));
    }
    for (Map.Entry<String, String> place : index.entrySet()) {
      if (files.get(place.getValue()) != places.get(place.getKey())) {
        throw new InvalidInputException(
            "%s: tensor %s must be in %s, where it is not%s"
                .formatted(path, place.getKey(), place.getValue(), REMEDY));
      }
    }
  }

  private void add(String name, Path file) throws IOException {
    SafetensorsFile opened = SafetensorsFile.open(file);
    files.put(name, opened);
    for (String tensor : opened.tensors().keySet()) {
      SafetensorsFile other = places.put(tensor, opened);
      if (other != null) {
        throw new InvalidInputException(
            "%s: tensor %s must be in one file, got it in %s and %s%s"
                .formatted(
                    path, tensor, other.path().getFileName(), opened.path().getFileName(), REMEDY));
      }
    }
  }

  /** The file that holds all of them, or the index, for errors. */
  Path path() {
    return path;
  }

  /** Names of all tensors. */
  Set<String> names() {
    return places.keySet();
  }

  /** The tensor of a name; null if there is none. */
  @Nullable StoredTensor find(String name) {
    SafetensorsFile file = places.get(name);
    return file == null ? null : file.tensors().get(name);
  }

  /**
   * Elements of a tensor as float32.
   *
   * @param first of them
   * @param format what its type says
   */
  float[] read(StoredTensor tensor, ElementFormat format, long first, int count)
      throws IOException {
    SafetensorsFile file = places.get(tensor.name());
    if (file == null) {
      throw new InvalidInputException("%s has no tensor %s".formatted(path, tensor.name()));
    }
    return file.read(tensor, format, first, count);
  }

  @Override
  public void close() throws IOException {
    for (SafetensorsFile file : files.values()) {
      file.close();
    }
  }
}
