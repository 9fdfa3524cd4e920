package org.ergometer.runtime.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.transformer.SavedConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A model as the zip that DL4J writes and reads, updater state included. Where there is an average
 * of the parameters it stands in their place, and they in an entry of their own. Nothing in it is
 * compressed: weights do not shrink, and deflating them takes longer than many a training step.
 */
public final class ModelFile {

  static final String TRAINED_BIN = "trainedCoefficients.bin";

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
    return ModelReader.read(file, true);
  }

  /**
   * The model that a file holds, to be used and not trained.
   *
   * @throws IllegalArgumentException if there is none yet, or it is damaged, or none of ours
   */
  public static ComputationGraph read(Path file) throws IOException {
    ModelState state = usable(file);
    ComputationGraph model = new ComputationGraph(SavedConfiguration.of(shape(file, state)));
    model.init(state.parameters(), false);
    return model;
  }

  /**
   * The shape of the model that a file holds.
   *
   * @throws IllegalArgumentException if there is none yet, or it is damaged, or none of ours
   */
  public static TransformerShape shape(Path file) throws IOException {
    return shape(file, usable(file));
  }

  private static ModelState usable(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new InvalidInputException(
          "no model at %s; a run saves it every --save-every steps, and when it ends or is interrupted"
              .formatted(file));
    }
    try {
      return ModelReader.read(file, false);
    } catch (ZipException e) {
      throw new InvalidInputException(
          "the model %s is damaged (%s); take that of another step, under checkpoints/"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static TransformerShape shape(Path file, ModelState state) {
    try {
      TransformerShape shape = SavedConfiguration.shape(state.configuration());
      long parameters = state.parameters().length();
      if (shape.parameters() != parameters) {
        throw new InvalidInputException(
            "its configuration has %s parameters, and it holds %s"
                .formatted(shape.parameters(), parameters));
      }
      return shape;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InvalidInputException(
          "the model %s cannot be used (%s); take one that ergometer train or import made"
              .formatted(file, e.getMessage()),
          e);
    }
  }
}
