package org.ergometer.runtime.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A model as the zip that DL4J writes and reads, updater state included. Where there is an average
 * of the parameters it stands in their place, and they in an entry of their own. Nothing in it is
 * compressed: weights do not shrink, and deflating them takes longer than many a training step.
 */
public final class ModelFile {

  private static final String TRAINED_BIN = "trainedCoefficients.bin";

  /** The earliest that a zip knows. */
  private static final LocalDateTime FIRST_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private ModelFile() {}

  /** Writes a model; DL4J's {@code ModelSerializer} reads it. */
  static void write(OutputStream out, ModelState model) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.setLevel(Deflater.NO_COMPRESSION);
    zip.putNextEntry(entry(ModelSerializer.CONFIGURATION_JSON));
    zip.write(model.configuration().getBytes(UTF_8));
    INDArray average = model.average();
    if (average != null) {
      write(zip, TRAINED_BIN, model.parameters());
    }
    write(zip, ModelSerializer.COEFFICIENTS_BIN, average == null ? model.parameters() : average);
    if (model.updater() != null) {
      write(zip, ModelSerializer.UPDATER_BIN, model.updater());
    }
    zip.finish();
  }

  /** The same model is the same file, whenever it is written. */
  private static ZipEntry entry(String name) {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(FIRST_TIME);
    return entry;
  }

  private static void write(ZipOutputStream zip, String name, INDArray array) throws IOException {
    zip.putNextEntry(entry(name));
    DataOutputStream data = new DataOutputStream(new BufferedOutputStream(zip));
    Nd4j.write(array, data);
    data.flush();
  }

  /** The arrays that a file holds, every byte checked. */
  static ModelState readState(Path file) throws IOException {
    return read(file, true);
  }

  /**
   * Reads a file.
   *
   * @param training whether what only training needs is wanted as well
   */
  private static ModelState read(Path file, boolean training) throws IOException {
    String configuration = null;
    INDArray used = null;
    INDArray trained = null;
    INDArray updater = null;
    try (ZipInputStream zip = open(file)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String name = entry.getName();
        if (name.equals(ModelSerializer.CONFIGURATION_JSON)) {
          configuration = new String(zip.readAllBytes(), UTF_8);
        } else if (name.equals(ModelSerializer.COEFFICIENTS_BIN)) {
          used = array(zip);
        } else if (training && name.equals(TRAINED_BIN)) {
          trained = array(zip);
        } else if (training && name.equals(ModelSerializer.UPDATER_BIN)) {
          updater = array(zip);
        } else {
          zip.transferTo(OutputStream.nullOutputStream());
        }
      }
    }
    if (configuration == null || used == null) {
      throw new ZipException("%s holds no model".formatted(file));
    }
    return trained == null
        ? new ModelState(configuration, used, updater, null)
        : new ModelState(configuration, trained, updater, used);
  }

  private static INDArray array(InputStream in) {
    return Nd4j.read(new DataInputStream(new BufferedInputStream(in)));
  }

  private static ZipInputStream open(Path file) throws IOException {
    return new ZipInputStream(new BufferedInputStream(Files.newInputStream(file)));
  }

  /**
   * The model that a file holds.
   *
   * @throws IllegalArgumentException if there is none yet, or it is damaged
   */
  public static ComputationGraph read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          "no model at %s; a run saves it every --save-every steps, and when it ends or is interrupted"
              .formatted(file));
    }
    try {
      requireIntact(file);
      ModelState state = read(file, false);
      ComputationGraph model =
          new ComputationGraph(ComputationGraphConfiguration.fromJson(state.configuration()));
      model.init(state.parameters(), false);
      return model;
    } catch (ZipException | EOFException e) {
      throw new IllegalArgumentException(
          "the model %s is damaged (%s); take that of another step, under checkpoints/"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /** Before anything in it is believed, such as the length of an array. */
  private static void requireIntact(Path file) throws IOException {
    try (ZipInputStream zip = open(file)) {
      int entries = 0;
      while (zip.getNextEntry() != null) {
        zip.transferTo(OutputStream.nullOutputStream());
        entries++;
      }
      if (entries == 0) {
        throw new ZipException("no zip file");
      }
    }
  }
}
