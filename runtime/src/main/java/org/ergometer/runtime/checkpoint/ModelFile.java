package org.ergometer.runtime.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

/** A model as the zip that DL4J writes, updater state included. */
public final class ModelFile {

  private ModelFile() {}

  /** Puts a model in place of the one a file holds; the old stays if this fails. */
  public static void write(Path file, ComputationGraph model) throws IOException {
    RunDirectory.write(file, out -> ModelSerializer.writeModel(model, out, true));
  }

  /**
   * The model that a file holds.
   *
   * @throws IllegalArgumentException if there is none yet
   */
  public static ComputationGraph read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          "no model at %s; a run saves it when it ends or is interrupted".formatted(file));
    }
    return ModelSerializer.restoreComputationGraph(file.toFile(), false);
  }
}
