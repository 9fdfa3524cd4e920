package org.ergometer.runtime.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * Reads the header of a safetensors file, and believes nothing of it: every byte of the data
 * belongs to exactly one tensor, and to one of its elements.
 */
final class SafetensorsHeader {

  /** Key of what is no tensor but texts about the file. */
  static final String METADATA = "__metadata__";

  static final String TYPE = "dtype";
  static final String SHAPE = "shape";
  static final String OFFSETS = "data_offsets";

  /** Bits of an element of every type of the format. */
  private static final Map<String, Integer> BITS =
      Map.ofEntries(
          Map.entry("BOOL", 8),
          Map.entry("U8", 8),
          Map.entry("I8", 8),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E4M3", 8),
          Map.entry("I16", 16),
          Map.entry("U16", 16),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("I32", 32),
          Map.entry("U32", 32),
          Map.entry("F32", 32),
          Map.entry("I64", 64),
          Map.entry("U64", 64),
          Map.entry("F64", 64));

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private SafetensorsHeader() {}

  /**
   * The tensors in the order of their data.
   *
   * @param json the header without its length
   * @param dataBytes bytes of the file after it
   * @throws IllegalArgumentException with the first thing that is wrong
   */
  static Map<String, StoredTensor> parse(byte[] json, long dataBytes) {
    JsonNode root = tree(json);
    List<StoredTensor> tensors = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      if (entry.getKey().equals(METADATA)) {
        requireTexts(entry.getValue());
      } else {
        tensors.add(tensor(entry.getKey(), entry.getValue()));
      }
    }
    tensors.sort(
        Comparator.comparingLong(StoredTensor::begin).thenComparingLong(StoredTensor::end));
    Map<String, StoredTensor> byName = new LinkedHashMap<>();
    long end = 0;
    for (StoredTensor tensor : tensors) {
      require(
          tensor.begin() >= end,
          "tensor %s must not overlap another, got data from byte %s where the one before ends at %s"
              .formatted(tensor.name(), tensor.begin(), end));
      require(
          tensor.begin() == end,
          "data must have no gaps, got bytes %s to %s, before tensor %s, that belong to no tensor"
              .formatted(end, tensor.begin(), tensor.name()));
      end = tensor.end();
      require(
          end <= dataBytes,
          "tensor %s must end within the data, got %s of %s bytes; the file is cut off"
              .formatted(tensor.name(), end, dataBytes));
      byName.put(tensor.name(), tensor);
    }
    require(
        end == dataBytes,
        "data must end with the last tensor, at byte %s, got %s bytes more"
            .formatted(end, dataBytes - end));
    return byName;
  }

  private static JsonNode tree(byte[] json) {
    require(
        json.length > 0 && json[0] == '{', "the header must be a JSON object, got another text");
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
      return MAPPER.readTree(text);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException("the header must be UTF-8, got other bytes", e);
    } catch (JsonProcessingException e) {
      String message = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
      throw new InvalidInputException(
          "the header must be JSON with each name once, got: " + message, e);
    }
  }

  private static void requireTexts(JsonNode metadata) {
    boolean texts = metadata.isObject();
    for (JsonNode value : metadata) {
      texts = texts && value.isTextual();
    }
    require(texts, "%s must be an object of texts, got another".formatted(METADATA));
  }

  private static StoredTensor tensor(String name, JsonNode node) {
    Set<String> keys = Set.of(TYPE, SHAPE, OFFSETS);
    require(
        node.isObject() && node.size() == keys.size() && keys.stream().allMatch(node::has),
        "tensor %s must have dtype, shape and data_offsets and nothing else, got %s"
            .formatted(name, brief(node)));
    Integer bits = BITS.get(node.path(TYPE).asText());
    require(
        node.path(TYPE).isTextual() && bits != null,
        "tensor %s must have a dtype of the format, got %s"
            .formatted(name, brief(node.path(TYPE))));
    List<Long> shape = naturals(name, SHAPE, node.path(SHAPE));
    List<Long> offsets = naturals(name, OFFSETS, node.path(OFFSETS));
    require(
        offsets.size() == 2 && offsets.get(0) <= offsets.get(1),
        "tensor %s must have a begin and an end as data_offsets, got %s"
            .formatted(name, brief(node.path(OFFSETS))));
    StoredTensor tensor =
        new StoredTensor(name, node.path(TYPE).asText(), shape, offsets.get(0), offsets.get(1));
    requireSize(tensor, bits == null ? 0 : bits / Byte.SIZE);
    return tensor;
  }

  private static void requireSize(StoredTensor tensor, int elementBytes) {
    long expected;
    try {
      expected = Math.multiplyExact(tensor.length(), (long) elementBytes);
    } catch (ArithmeticException e) {
      throw new InvalidInputException(
          "tensor %s must have fewer than 2^63 bytes, got shape %s"
              .formatted(tensor.name(), tensor.shape()),
          e);
    }
    require(
        tensor.end() - tensor.begin() == expected,
        "tensor %s of shape %s in %s must have %s bytes, got %s"
            .formatted(
                tensor.name(),
                tensor.shape(),
                tensor.type(),
                expected,
                tensor.end() - tensor.begin()));
  }

  private static List<Long> naturals(String name, String key, JsonNode array) {
    List<Long> values = new ArrayList<>();
    boolean whole = array.isArray();
    for (JsonNode value : array) {
      whole = whole && value.isIntegralNumber() && value.canConvertToLong() && value.asLong() >= 0;
      values.add(value.asLong());
    }
    require(
        whole,
        "tensor %s must have whole numbers from 0 on as %s, got %s"
            .formatted(name, key, brief(array)));
    return values;
  }

  private static String brief(JsonNode node) {
    String text = node.isMissingNode() ? "none" : node.toString();
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }

  private static void require(boolean met, String reason) {
    if (!met) {
      throw new InvalidInputException(reason);
    }
  }
}
