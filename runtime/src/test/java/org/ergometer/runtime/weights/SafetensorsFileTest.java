package org.ergometer.runtime.weights;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {

  private static final String A =
      "\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}";
  private static final String B =
      "\"b\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[8,14]}";
  private static final int DATA = 14;

  private final Path file;

  SafetensorsFileTest(@TempDir Path directory) {
    this.file = directory.resolve("model.safetensors");
  }

  /** A tensor of given values. */
  private record Values(String name, List<Long> shape, List<Float> values)
      implements SafetensorsWriter.Source {

    @Override
    public void writeTo(SafetensorsWriter.Sink sink) throws IOException {
      // in two pieces
      int half = values.size() / 2;
      sink.put(array(values.subList(0, half)));
      sink.put(array(values.subList(half, values.size())));
    }
  }

  private static float[] array(List<Float> values) {
    float[] array = new float[values.size()];
    for (int index = 0; index < array.length; index++) {
      array[index] = values.get(index);
    }
    return array;
  }

  private static StoredTensor stored(SafetensorsFile file, String name) {
    return Objects.requireNonNull(file.tensors().get(name), name);
  }

  private void write(String header, int dataBytes) throws IOException {
    write(header.getBytes(UTF_8).length, header.getBytes(UTF_8), dataBytes);
  }

  private void write(long length, byte[] header, int dataBytes) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, bytes.putLong(length).put(header).array());
  }

  private void assertRefused(String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SafetensorsFile.open(file))
        .withMessageStartingWith(file + ": ")
        .withMessageContaining(reason)
        .withMessageEndingWith("; fetch or write the file again")
        .satisfies(refusal -> assertThat(String.valueOf(refusal.getMessage()).lines()).hasSize(1));
  }

  @Test
  void readsWhatAnyWriterMayWrite() throws IOException {
    // in another order than the data's, with texts about the file, padded with spaces
    write("{" + B + ",\"__metadata__\":{\"format\":\"pt\"},  " + A + "}   ", DATA);
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      assertThat(tensors.tensors().keySet()).containsExactly("a", "b");
      assertThat(tensors.tensors().get("a"))
          .isEqualTo(new StoredTensor("a", "F32", List.of(2L, 1L), 0, 8));
      assertThat(tensors.read(stored(tensors, "b"), ElementFormat.BFLOAT16, 0, 3))
          .containsExactly(0, 0, 0);
    }
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Values first = new Values("first", List.of(2L, 3L), List.of(1f, -2f, 3.5f, 1e-30f, -0f, 1e30f));
    Values second = new Values("second", List.of(1L), List.of(0.1f));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new SafetensorsWriter(ElementFormat.FLOAT32).write(List.of(first, second), out);
    Files.write(file, out.toByteArray());

    PlainTensors plain = new PlainTensors(file);
    assertThat(plain.at("first", 1, 2)).isEqualTo(1e30f);
    assertThat(plain.at("second", 0)).isEqualTo(0.1f);
    assertThat(plain.header.at("/__metadata__/format").textValue()).isEqualTo("pt");
    // data begins at a multiple of 8
    assertThat((out.size() - 7 * 4) % 8).isZero();
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      StoredTensor stored = stored(tensors, "first");
      assertThat(tensors.read(stored, ElementFormat.FLOAT32, 0, 6))
          .containsExactly(array(first.values));
      assertThat(tensors.read(stored, ElementFormat.FLOAT32, 4, 2)).containsExactly(-0f, 1e30f);
    }
  }

  /** Rounded to 8 bits, ties to even. */
  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "1.00390625, 1",
    "1.01171875, 1.015625",
    "1.0039064, 1.0078125",
    "-3.3895314e38, -3.3895314e38",
    "3.4028235e38, Infinity",
    "1e-40, 9.183549615799121e-41",
    "NaN, NaN",
    "-Infinity, -Infinity"
  })
  void bfloat16IsTheNearest(float value, float expected) {
    ByteBuffer bytes = ByteBuffer.allocate(2);
    ElementFormat.BFLOAT16.write(value, bytes);
    assertThat(ElementFormat.BFLOAT16.read(bytes.flip())).isEqualTo((Float) expected);
  }

  /** Bits as IEEE 754 lists them: the smallest, the largest, and between. */
  @ParameterizedTest
  @CsvSource({
    "0x0000, 0",
    "0x8000, -0.0",
    "0x3C00, 1",
    "0xC000, -2",
    "0x3555, 0.333251953125",
    "0x0001, 5.960464477539063e-8",
    "0x03FF, 6.097555160522461e-5",
    "0x0400, 6.103515625e-5",
    "0x7BFF, 65504",
    "0x7C00, Infinity",
    "0xFC00, -Infinity",
    "0x7E00, NaN"
  })
  void float16IsWidened(String bits, float expected) {
    ByteBuffer bytes = ByteBuffer.allocate(2).putShort(0, Integer.decode(bits).shortValue());
    assertThat(ElementFormat.FLOAT16.read(bytes)).isEqualTo((Float) expected);
  }

  @Test
  void aLengthMustBeOne() throws IOException {
    byte[] header = ("{" + A + "}").getBytes(UTF_8);

    Files.write(file, new byte[7]);
    assertRefused("begin with 8 bytes of length, got a file of 7");
    write(header.length + 9, header, 8);
    assertRefused("the file is cut off");
    write(0, header, 8);
    assertRefused("the header must have 2 to 100000000 bytes, got 0");
    write(-1, header, 8);
    assertRefused("got 18446744073709551615; is it safetensors?");
    write(100_000_001, header, 8);
    assertRefused("got 100000001; is it safetensors?");
  }

  @Test
  void theHeaderMustBeJson() throws IOException {
    write(" {" + A + "}", 8);
    assertRefused("the header must be a JSON object, got another text");
    write("{" + A, 8);
    assertRefused("must be JSON with each name once");
    write("{" + A + "} x", 8);
    assertRefused("must be JSON with each name once");
    write("{" + A + "," + A + "}", 8);
    assertRefused("must be JSON with each name once, got: Duplicate field 'a'");
    write("{" + A.replace("}", ",\"dtype\":\"F16\"}") + "}", 8);
    assertRefused("Duplicate field 'dtype'");
    byte[] header = ("{" + A + "}").getBytes(UTF_8);
    header[2] = (byte) 0xFF;
    write(header.length, header, 8);
    assertRefused("the header must be UTF-8");
    write("{\"__metadata__\":{\"layers\":4}," + A + "}", 8);
    assertRefused("__metadata__ must be an object of texts");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"dtype\":\"F32\",\"shape\":[2]}|must have dtype, shape and data_offsets and nothing else",
        "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}|and nothing else",
        "[1]|must have dtype, shape and data_offsets",
        "{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}|a dtype of the format, got \"F33\"",
        "{\"dtype\":32,\"shape\":[2],\"data_offsets\":[0,8]}|a dtype of the format, got 32",
        "{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}|whole numbers from 0 on as shape",
        "{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}|whole numbers from 0 on as shape",
        "{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}|whole numbers from 0 on as shape",
        "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}|a begin and an end as data_offsets",
        "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}|a begin and an end as data_offsets",
        "{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}|must have 12 bytes, got 8",
        "{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,8]}|must have 4 bytes, got 8",
        "{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}|fewer than 2^63",
        "{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}|whole numbers"
      })
  void aTensorMustBeDescribed(String tensor, String reason) throws IOException {
    write("{\"t\":" + tensor + "}", 8);

    assertRefused("tensor t");
    assertRefused(reason);
  }

  @Test
  void everyByteBelongsToOneTensor() throws IOException {
    write("{" + A + "," + B.replace("8,14", "4,10") + "}", 10);
    assertRefused("tensor b must not overlap another, got data from byte 4 where the one before");
    write("{" + A + "," + B.replace("8,14", "10,16") + "}", 16);
    assertRefused("got bytes 8 to 10, before tensor b, that belong to no tensor");
    write("{" + A + "," + B + "}", DATA - 1);
    assertRefused("tensor b must end within the data, got 14 of 13 bytes; the file is cut off");
    write("{" + A + "," + B + "}", DATA + 2);
    assertRefused("data must end with the last tensor, at byte 14, got 2 bytes more");
  }

  /** Whatever a byte of the header becomes, the file is read or refused in one line. */
  @Test
  void aFlippedBitIsNoCrash() throws IOException {
    String header = "{" + A + "," + B + "}";
    Random random = new Random(11);
    for (int round = 0; round < 2000; round++) {
      byte[] bytes = header.getBytes(UTF_8);
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      write(bytes.length, bytes, DATA);
      try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
        assertThat(tensors.tensors()).hasSize(2);
      } catch (IllegalArgumentException e) {
        assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1);
      }
    }
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(file + " does not exist");
  }
}
