package org.ergometer.runtime.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.tokenizer.ByteTokenizer;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.models.transformer.Optimization;
import org.ergometer.models.transformer.Transformer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that anybody may have made. */
class ModelFileTest {

  private static final String CONFIGURATION = "configuration.json";
  private static final String PARAMETERS = "coefficients.bin";
  private static final TransformerShape SHAPE =
      TransformerShape.gpt2(1, 8, 2, 5, 4).toBuilder().bias(false).build();

  private final Path directory;
  private final Path file;
  private final ComputationGraph model = Transformer.create(SHAPE, Optimization.adamW(1e-3), 1);

  ModelFileTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.file = directory.resolve("checkpoints/last/model.zip");
    Files.createDirectories(file.getParent());
    write(model);
  }

  private void write(ComputationGraph graph) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      ModelFile.write(out, ModelState.of(graph));
    }
  }

  @Test
  void aModelComesBack() throws IOException {
    ComputationGraph read = ModelFile.read(file);

    assertThat(Transformer.shape(read)).isEqualTo(SHAPE);
    assertThat(read.params()).isEqualTo(model.params());
    assertThat(ModelFile.readState(file).parameters()).isEqualTo(model.params());
  }

  @Test
  void whatIsNoFileIsNotWaitedFor() throws IOException, InterruptedException {
    Files.delete(file);
    Files.createDirectory(file);
    assertRefused("must be a file, got a directory");
    Files.delete(file);
    if (new ProcessBuilder("mkfifo", file.toString()).start().waitFor() == 0) {
      assertRefused("must be a file, got a pipe or device");
    }
  }

  @Test
  void whatIsNoWholeZipIsDamaged() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertRefused("is damaged (it is no whole zip)");
    byte[] flipped = whole.clone();
    flipped[flipped.length / 2] ^= 1;
    Files.write(file, flipped);
    assertRefused("is damaged (it is no whole zip)");
    Files.writeString(file, "no zip at all");
    assertRefused("is damaged (it is no zip)");
    Files.write(file, new byte[0]);
    assertRefused("is damaged (it is no zip)");
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("other", new byte[3]);
    pack(entries, 0);
    assertRefused("is damaged (it holds no model)");
  }

  @Test
  void whatUnpacksToFarMoreIsNotUnpacked() throws IOException {
    Files.write(file, pack(Map.of(PARAMETERS, new byte[64 << 20]), 9));
    assertThat(Files.size(file)).isLessThan(1 << 20);
    assertRefused("it unpacks to more than a model of its size has");
  }

  @Test
  void anArrayIsWhatItsBytesAreEnoughFor() throws IOException {
    String reason = "an array in it is no row of float32 of the length that it says";
    // UTF allocation mode, long length, UTF type, 6 longs: rank, extent, stride, type, 1, order
    byte[] before = Objects.requireNonNull(entries().get(PARAMETERS));
    int mode = 2 + ByteBuffer.wrap(before).getShort();
    int type = mode + Long.BYTES;
    int shape = type + 2 + ByteBuffer.wrap(before).getShort(type);
    for (int index = 0; index < 6; index++) {
      int at = shape + index * Long.BYTES;
      change(PARAMETERS, bytes -> ByteBuffer.wrap(bytes).putLong(at, 1L << 60).array());
      assertRefused(reason);
      change(PARAMETERS, bytes -> ByteBuffer.wrap(bytes).putLong(at, -7).array());
      assertRefused(reason);
    }
    change(PARAMETERS, bytes -> ByteBuffer.wrap(bytes).putLong(mode, 1L << 60).array());
    assertRefused(reason);
    int length = shape + 6 * Long.BYTES + mode;
    for (long wrong : new long[] {1L << 60, -1, 0, 1, Long.MAX_VALUE, 1L << 62}) {
      change(PARAMETERS, bytes -> ByteBuffer.wrap(bytes).putLong(length, wrong).array());
      assertRefused(reason);
    }
    change(PARAMETERS, bytes -> Arrays.copyOf(bytes, 30));
    assertRefused(reason);
    change(PARAMETERS, bytes -> Arrays.copyOf(bytes, bytes.length - 4));
    assertRefused(reason);
  }

  @Test
  void theConfigurationIsThatOfTheParameters() throws IOException {
    changeConfiguration("\"width\" : 8", "\"width\" : 16");
    assertRefused("cannot be used (its configuration has");
    changeConfiguration("\"layers\" : 1", "\"layers\" : 2147483647");
    assertRefused("cannot be used (it is no transformer of ergometer)");
    changeConfiguration("\"vocabulary\" : 5", "\"vocabulary\" : 2147483647");
    assertRefused("cannot be used (its configuration has");
    changeConfiguration("\"vocabulary\" : 5", "\"vocabulary\" : \"many\"");
    assertRefused("cannot be used (its configuration cannot be read)");
    changeConfiguration("\"shape\"", "\"form\"");
    assertRefused("cannot be used (it is no transformer of ergometer)");
    change(CONFIGURATION, bytes -> "{".getBytes(UTF_8));
    assertRefused("cannot be used (its configuration cannot be read)");
    change(CONFIGURATION, bytes -> "[]".getBytes(UTF_8));
    assertRefused("cannot be used (it is no transformer of ergometer)");
    // one layer alone is another
    String json = new String(entries().get(CONFIGURATION), UTF_8);
    int last = json.lastIndexOf("\"width\" : 8");
    change(
        CONFIGURATION,
        bytes ->
            (json.substring(0, last) + "\"width\" : 9" + json.substring(last + 11))
                .getBytes(UTF_8));
    assertRefused("cannot be used (it is no transformer of ergometer)");
  }

  @Test
  void anotherNetworkIsNoTransformer() throws IOException {
    ComputationGraph other =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("embedding", new DenseLayer.Builder().nIn(2).nOut(2).build(), "in")
                .addLayer("out", new OutputLayer.Builder().nIn(2).nOut(2).build(), "embedding")
                .setOutputs("out")
                .build());
    other.init();
    write(other);
    assertRefused("cannot be used (it is no transformer of ergometer)");
  }

  /** Set when somebody makes one. */
  private static boolean touched;

  static final class Touched {
    static {
      touched = true;
    }
  }

  @Test
  void noClassOfTheFileIsTouched() throws IOException {
    String name = Touched.class.getName().replace("$", "\\$");
    change(
        CONFIGURATION,
        bytes ->
            new String(bytes, UTF_8)
                .replaceAll("\"@class\" : \"[^\"]+\"", "\"@class\" : \"" + name + "\"")
                .getBytes(UTF_8));
    assertRefused("cannot be used (it is no transformer of ergometer)");
    assertThat(touched).isFalse();
  }

  @Test
  void aTokenizerWithMoreTokensThanRowsIsAnothers() throws IOException {
    RunDirectory run = RunDirectory.open(directory);
    TokenizerFile.write(run.tokenizer(), CharacterTokenizer.of("abcde"));
    assertThat(SavedModel.read(run).tokenizer().vocabularySize()).isEqualTo(5);
    TokenizerFile.write(run.tokenizer(), new ByteTokenizer());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SavedModel.read(run))
        .withMessage(
            "%s must have at most the 5 tokens of the model %s, got 256; take both from one run",
            run.tokenizer(), run.lastModel());
  }

  private void assertRefused(String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ModelFile.read(file))
        .withMessageContaining(reason)
        .withMessageContaining(file.toString())
        .satisfies(error -> assertThat(error.getMessage()).hasLineCount(1));
  }

  private void changeConfiguration(String from, String to) throws IOException {
    assertThat(new String(entries().get(CONFIGURATION), UTF_8)).contains(from);
    change(CONFIGURATION, bytes -> new String(bytes, UTF_8).replace(from, to).getBytes(UTF_8));
  }

  /** The file with one entry of the whole model changed. */
  private void change(String name, UnaryOperator<byte[]> change) throws IOException {
    Map<String, byte[]> entries = entries();
    entries.put(name, change.apply(Objects.requireNonNull(entries.get(name)).clone()));
    Files.write(file, pack(entries, 0));
  }

  private Map<String, byte[]> entries() throws IOException {
    write(model);
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    return entries;
  }

  private byte[] pack(Map<String, byte[]> entries, int level) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.setLevel(level);
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    return Files.readAllBytes(file);
  }
}
