package org.ergometer.runtime.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UTFDataFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Reads the zip of a model and believes nothing of it. Every byte is unpacked and checked once
 * before anything is made of it, and no more of them than a model of the file's size has; an array
 * is one row of float32 of as many elements as there are bytes for.
 */
final class ModelReader {

  /** Weights do not shrink: whatever unpacks to much more than this is no model. */
  private static final long LARGEST_RATIO = 2;

  private static final long SMALL = 1 << 22;
  private static final int LONGEST_CONFIGURATION = 1 << 28;
  private static final int BUFFER = 1 << 16;

  /** Longer than the description of any row of numbers. */
  private static final int LONGEST_HEADER = 1 << 10;

  /** Numbers that describe an array of one extent, and of two. */
  private static final int OF_VECTOR = 6;

  private static final int OF_ROW = 8;

  /** ND4J's older and newer name of the type of extents. */
  private static final Set<String> LONGS = Set.of("LONG", "INT64");

  private final Path file;
  private final Map<String, Long> bytes = new HashMap<>();

  private ModelReader(Path file) {
    this.file = file;
  }

  /**
   * What a file holds.
   *
   * @param training whether what only training needs is wanted as well
   * @throws ZipException if it is damaged or no model, with a reason in plain words
   * @throws IllegalArgumentException if it is no file at all
   */
  static ModelState read(Path file, boolean training) throws IOException {
    ForeignFile.requireRegular(file);
    ModelReader reader = new ModelReader(file);
    try {
      reader.unpackAll();
      return reader.state(training);
    } catch (Damage e) {
      throw e;
    } catch (ZipException | EOFException e) {
      throw new Damage("it is no whole zip", e);
    }
  }

  /** Says what is wrong in words of our own. */
  private static final class Damage extends ZipException {

    private static final long serialVersionUID = 1;

    Damage(String reason, @Nullable Throwable cause) {
      super(reason);
      initCause(cause);
    }
  }

  private static void require(boolean met, String reason) throws Damage {
    if (!met) {
      throw new Damage(reason, null);
    }
  }

  private ZipInputStream open() throws IOException {
    return new ZipInputStream(new BufferedInputStream(Files.newInputStream(file)));
  }

  private void unpackAll() throws IOException {
    long most = LARGEST_RATIO * Files.size(file) + SMALL;
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    try (ZipInputStream zip = open()) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        long before = total;
        for (int count; (count = zip.read(buffer)) >= 0; ) {
          total += count;
          require(total <= most, "it unpacks to more than a model of its size has");
        }
        require(
            bytes.put(entry.getName(), total - before) == null, "two of its entries have one name");
      }
    }
    require(!bytes.isEmpty(), "it is no zip");
  }

  private ModelState state(boolean training) throws IOException {
    String configuration = null;
    INDArray used = null;
    INDArray trained = null;
    INDArray updater = null;
    try (ZipInputStream zip = open()) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String name = entry.getName();
        if (name.equals(ModelSerializer.CONFIGURATION_JSON)) {
          require(size(name) <= LONGEST_CONFIGURATION, "its configuration is too long");
          configuration = new String(zip.readAllBytes(), UTF_8);
        } else if (name.equals(ModelSerializer.COEFFICIENTS_BIN)) {
          used = array(zip, size(name));
        } else if (training && name.equals(ModelFile.TRAINED_BIN)) {
          trained = array(zip, size(name));
        } else if (training && name.equals(ModelSerializer.UPDATER_BIN)) {
          updater = array(zip, size(name));
        }
      }
    }
    if (configuration == null || used == null) {
      throw new Damage("it holds no model", null);
    }
    require(
        trained == null || trained.length() == used.length(),
        "its average has not as many elements as its parameters");
    return trained == null
        ? new ModelState(configuration, used, updater, null)
        : new ModelState(configuration, trained, updater, used);
  }

  private long size(String name) {
    return bytes.getOrDefault(name, 0L);
  }

  /** A row that its bytes are enough for, and no other; ND4J allocates what the header says. */
  private static INDArray array(InputStream in, long size) throws IOException {
    byte[] begin = in.readNBytes(LONGEST_HEADER);
    requireRow(begin, size);
    return Nd4j.read(
        new DataInputStream(
            new BufferedInputStream(new SequenceInputStream(new ByteArrayInputStream(begin), in))));
  }

  private static void requireRow(byte[] begin, long size) throws IOException {
    ByteArrayInputStream bytes = new ByteArrayInputStream(begin);
    DataInputStream in = new DataInputStream(bytes);
    String wrong = "an array in it is no row of float32 of the length that it says";
    try {
      in.readUTF();
      long descriptions = in.readLong();
      require(descriptions == OF_VECTOR || descriptions == OF_ROW, wrong);
      require(LONGS.contains(in.readUTF()), wrong);
      long[] described = new long[(int) descriptions];
      for (int index = 0; index < described.length; index++) {
        described[index] = in.readLong();
      }
      in.readUTF();
      long length = in.readLong();
      require(in.readUTF().equals(DataType.FLOAT.name()), wrong);
      long header = (long) begin.length - bytes.available();
      require(length > 0 && length == (size - header) / Float.BYTES, wrong);
      require(size == header + length * Float.BYTES && isRow(described, length), wrong);
    } catch (EOFException | UTFDataFormatException e) {
      throw new Damage(wrong, e);
    }
  }

  /** Rank, extents, strides, type, whether elements are neighbours, and order. */
  private static boolean isRow(long[] described, long length) {
    boolean vector = described.length == OF_VECTOR;
    long[] shape = vector ? new long[] {length} : new long[] {1, length};
    int rank = shape.length;
    long type =
        Nd4j.getShapeInfoProvider()
            .createShapeInformation(shape, 'c', DataType.FLOAT)
            .getSecond()[2 * rank + 1];
    return described[0] == rank
        && described[rank] == length
        && (vector || described[1] == 1)
        && described[2 * rank] == 1
        && (vector || described[rank + 1] == 1 || described[rank + 1] == length)
        && described[2 * rank + 1] == type
        && (described[2 * rank + 2] == 0 || described[2 * rank + 2] == 1)
        && (described[2 * rank + 3] == 'c' || described[2 * rank + 3] == 'f');
  }
}
