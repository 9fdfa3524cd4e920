package org.ergometer.runtime.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights in several files and their index, and indices that do not belong to them. */
class StoredTensorsTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String FIRST = "model-00001-of-00002.safetensors";
  private static final String SECOND = "model-00002-of-00002.safetensors";
  private static final Map<String, String> PLACES = Map.of("a", FIRST, "b", SECOND, "c", FIRST);

  private final Path directory;

  StoredTensorsTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    write(FIRST, values("a", 1, 2, 3), values("c", 7));
    write(SECOND, values("b", 4, 5));
    index(PLACES);
  }

  @Test
  void readsEachTensorWhereTheIndexSays() throws IOException {
    try (StoredTensors tensors = StoredTensors.open(directory)) {
      assertThat(tensors.names()).containsExactlyInAnyOrder("a", "b", "c");
      assertThat(tensors.find("d")).isNull();
      assertThat(read(tensors, "a", 1, 2)).containsExactly(2, 3);
      assertThat(read(tensors, "b", 0, 2)).containsExactly(4, 5);
      assertThat(read(tensors, "c", 0, 1)).containsExactly(7);
    }
  }

  /** As Hugging Face's library chooses. */
  @Test
  void oneFileComesBeforeSeveral() throws IOException {
    write("model.safetensors", values("a", 9));

    try (StoredTensors tensors = StoredTensors.open(directory)) {
      assertThat(tensors.names()).containsExactly("a");
      assertThat(read(tensors, "a", 0, 1)).containsExactly(9);
    }
  }

  @Test
  void indexAndFilesMustAgree() throws IOException {
    index(Map.of("a", SECOND, "b", SECOND, "c", FIRST));
    assertRefused("tensor a must be in %s, where it is not".formatted(SECOND));
    index(Map.of("a", FIRST, "b", "third.safetensors", "c", FIRST));
    assertRefused("third.safetensors does not exist");
    index(Map.of("a", FIRST, "b", SECOND, "c", FIRST, "d", FIRST));
    assertRefused("tensor d must be in %s, where it is not".formatted(FIRST));
    index(PLACES);
    write(SECOND, values("b", 4, 5), values("a", 6));
    assertRefused("tensor a must be in one file, got it in");
  }

  @Test
  void anIndexMustNameFilesOfItsDirectory() throws IOException {
    for (String name : List.of("../" + FIRST, "/etc/passwd", "model.bin", "")) {
      index(Map.of("a", name));
      assertRefused("must name a file of the directory, such as");
    }
    index(Map.of());
    assertRefused("must have a weight_map with a file for each tensor, got none");
    Files.writeString(directory.resolve("model.safetensors.index.json"), "{\"weight_map\":");
    assertRefused("is no JSON with each name once");
  }

  private static float[] read(StoredTensors tensors, String name, long first, int count)
      throws IOException {
    return tensors.read(
        Objects.requireNonNull(tensors.find(name)), ElementFormat.FLOAT32, first, count);
  }

  private void assertRefused(String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StoredTensors.open(directory))
        .withMessageContaining(reason)
        .withMessageStartingWith(directory.toString());
  }

  private void index(Map<String, String> places) throws IOException {
    ObjectNode index = MAPPER.createObjectNode();
    index.putObject("metadata").put("total_size", 24);
    index.set("weight_map", MAPPER.valueToTree(places));
    Files.writeString(directory.resolve("model.safetensors.index.json"), index.toString());
  }

  private void write(String file, SafetensorsWriter.Source... tensors) throws IOException {
    try (OutputStream out = Files.newOutputStream(directory.resolve(file))) {
      new SafetensorsWriter(ElementFormat.FLOAT32).write(Arrays.asList(tensors), out);
    }
  }

  private static SafetensorsWriter.Source values(String name, float... values) {
    return new SafetensorsWriter.Source() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public List<Long> shape() {
        return List.of((long) values.length);
      }

      @Override
      public void writeTo(SafetensorsWriter.Sink sink) throws IOException {
        sink.put(values);
      }
    };
  }
}
