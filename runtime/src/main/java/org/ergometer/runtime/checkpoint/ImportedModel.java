package org.ergometer.runtime.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.models.transformer.Optimization;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.runtime.storage.AtomicFile;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A directory with a model that was trained elsewhere: that of a run, as far as others read a run's
 * model. It was no run, and cannot be resumed.
 */
public final class ImportedModel {

  /** Offsets into the row of all parameters are ints in ND4J, of bytes in places. */
  private static final long MOST_PARAMETERS = 1L << 30;

  private ImportedModel() {}

  /** Sets a model's parameters. */
  public interface Weights {
    void loadInto(ComputationGraph model) throws IOException;
  }

  /**
   * Writes the files.
   *
   * @param directory that exists
   * @param settings of the model, in YAML
   */
  public static void write(
      Path directory, TransformerShape shape, Tokenizer tokenizer, String settings, Weights weights)
      throws IOException {
    Transformer.requireBuildable(shape);
    if (shape.parameters() > MOST_PARAMETERS) {
      throw new InvalidInputException(
          "a model must have at most %s parameters to fit ND4J's arrays, got %s"
              .formatted(MOST_PARAMETERS, shape.parameters()));
    }
    ComputationGraphConfiguration configuration =
        Transformer.configuration(
            shape, Recompute.NONE, Optimization.adamW(1e-3), 1, DataType.FLOAT);
    INDArray parameters = Nd4j.createUninitialized(DataType.FLOAT, 1, shape.parameters());
    ComputationGraph model = new ComputationGraph(configuration);
    model.init(parameters, false);
    weights.loadInto(model);
    RunDirectory run = RunDirectory.open(directory);
    AtomicFile.write(run.modelSettings(), settings);
    TokenizerFile.write(run.tokenizer(), tokenizer);
    ModelState state = new ModelState(configuration.toJson(), model.params(), null, null);
    AtomicFile.write(run.lastModel(), out -> ModelFile.write(out, state));
  }
}
