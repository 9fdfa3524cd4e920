package org.ergometer.runtime.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;

/** A second reader of safetensors, written from the format's description for the tests alone. */
final class PlainTensors {

  private final Map<String, double[]> values = new HashMap<>();
  private final Map<String, int[]> shapes = new HashMap<>();
  final JsonNode header;

  PlainTensors(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) bytes.getLong(0);
    header =
        new JsonMapper()
            .readTree(new String(bytes.array(), Long.BYTES, length, StandardCharsets.UTF_8));
    for (Iterator<String> names = header.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!name.startsWith("__")) {
        read(name, header.get(name), bytes, Long.BYTES + length);
      }
    }
  }

  private void read(String name, JsonNode tensor, ByteBuffer bytes, int data) {
    int[] shape = new int[tensor.get("shape").size()];
    int count = 1;
    for (int index = 0; index < shape.length; index++) {
      shape[index] = tensor.get("shape").get(index).intValue();
      count *= shape[index];
    }
    double[] read = new double[count];
    int begin = data + tensor.get("data_offsets").get(0).intValue();
    for (int index = 0; index < count; index++) {
      read[index] =
          switch (tensor.get("dtype").textValue()) {
            case "F32" -> bytes.getFloat(begin + 4 * index);
            case "BF16" -> Float.intBitsToFloat((bytes.getShort(begin + 2 * index) & 0xFFFF) << 16);
            default -> throw new IllegalArgumentException(tensor.toString());
          };
    }
    values.put(name, read);
    shapes.put(name, shape);
  }

  double at(String name, int... index) {
    int[] shape = shape(name);
    return Objects.requireNonNull(values.get(name), name)[
        index.length == 1 ? index[0] : index[0] * shape[1] + index[1]];
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  int[] shape(String name) {
    return Objects.requireNonNull(shapes.get(name), name);
  }
}
