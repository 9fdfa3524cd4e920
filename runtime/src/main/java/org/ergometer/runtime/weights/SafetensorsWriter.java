package org.ergometer.runtime.weights;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes tensors in the format safetensors, one after the other, all of one element type. */
final class SafetensorsWriter {

  /** Data begins at a multiple of it, as in files of the format's own writer. */
  private static final int ALIGNMENT = 8;

  private final ElementFormat format;

  SafetensorsWriter(ElementFormat format) {
    this.format = format;
  }

  /** A tensor to be written. */
  interface Source {

    String name();

    List<Long> shape();

    /** Hands all elements out in order, in pieces. */
    void writeTo(Sink sink) throws IOException;

    /** Number of elements. */
    default long length() {
      return shape().stream().reduce(1L, Math::multiplyExact);
    }
  }

  /** Takes elements. */
  interface Sink {
    void put(float[] values) throws IOException;
  }

  /** Writes a whole file. */
  void write(List<? extends Source> tensors, OutputStream out) throws IOException {
    byte[] header = header(tensors);
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(length.putLong(0, header.length).array());
    out.write(header);
    for (Source tensor : tensors) {
      tensor.writeTo(values -> out.write(bytes(values)));
    }
  }

  private byte[] bytes(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, format.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      format.write(value, bytes);
    }
    return bytes.array();
  }

  private byte[] header(List<? extends Source> tensors) throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    // Hugging Face's own loader refuses a file that does not say this.
    root.putObject(SafetensorsHeader.METADATA).put("format", "pt");
    long begin = 0;
    for (Source tensor : tensors) {
      long end = begin + Math.multiplyExact(tensor.length(), (long) format.bytes());
      ObjectNode node = root.putObject(tensor.name()).put(SafetensorsHeader.TYPE, format.label());
      tensor.shape().forEach(node.putArray(SafetensorsHeader.SHAPE)::add);
      node.putArray(SafetensorsHeader.OFFSETS).add(begin).add(end);
      begin = end;
    }
    String json = new JsonMapper().writeValueAsString(root);
    int bytes = json.getBytes(StandardCharsets.UTF_8).length;
    return (json + " ".repeat(-bytes & (ALIGNMENT - 1))).getBytes(StandardCharsets.UTF_8);
  }
}
