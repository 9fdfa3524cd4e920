package org.ergometer.runtime.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.transformer.TransformerParameters;
import org.ergometer.runtime.checkpoint.ForeignFile;
import org.ergometer.runtime.checkpoint.ModelFile;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.config.ConfigDifference;
import org.ergometer.runtime.config.ConfigFile;
import org.ergometer.runtime.config.Quantity;
import org.ergometer.runtime.config.Setting;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.config.TrainConfig;

/**
 * The model that training begins with, of another run or imported: what it is follows from where it
 * comes from, but for the context and what the backward pass recomputes.
 */
final class StartingModel {

  private static final Set<Setting> OF_TRAINING =
      EnumSet.of(Setting.CONTEXT, Setting.EXTRA_POSITIONS, Setting.RECOMPUTE);

  private final Path directory;
  private final long learned;
  private final Map<Setting, List<String>> settings = new EnumMap<>(Setting.class);

  /**
   * The model of a directory.
   *
   * @throws IllegalArgumentException if there is none
   */
  StartingModel(Path directory) {
    this.directory = directory;
    RunDirectory run = RunDirectory.open(directory);
    Path described = Files.exists(run.modelSettings()) ? run.modelSettings() : run.config();
    if (!Files.exists(described) || !Files.exists(run.lastModel())) {
      throw new InvalidInputException(
          "from must be a run with a saved model or the directory that ergometer import made, got %s; set --from"
              .formatted(directory));
    }
    ForeignFile.requireRegular(described);
    Map<Setting, List<String>> all = ConfigFile.read(described);
    for (Setting setting : Setting.of(Setting.Group.MODEL)) {
      if (all.containsKey(setting) && setting != Setting.RECOMPUTE) {
        settings.put(setting, all.get(setting));
      }
    }
    learned = whole(Setting.CONTEXT) + whole(Setting.EXTRA_POSITIONS);
    settings.remove(Setting.EXTRA_POSITIONS);
    settings.put(Setting.TOKENIZER, List.of("file:" + run.tokenizer()));
  }

  /**
   * The configuration that the model and what is said beside it amount to.
   *
   * @throws IllegalArgumentException if what is said is of another model
   */
  TrainConfig configuration(Map<Setting, List<String>> said) {
    if (said.containsKey(Setting.PRESET)) {
      throw new InvalidInputException(
          "preset and from both say what the model is; leave one of the two out");
    }
    TrainConfig config = TrainConfig.of(Settings.standard().over(settings).over(said));
    Map<Setting, List<String>> beside = new EnumMap<>(Setting.class);
    beside.putAll(said);
    Set<Setting> model = EnumSet.copyOf(Arrays.asList(Setting.of(Setting.Group.MODEL)));
    model.removeAll(OF_TRAINING);
    beside.keySet().removeAll(model);
    TrainConfig unchanged = TrainConfig.of(Settings.standard().over(settings).over(beside));
    List<String> differences = ConfigDifference.between(ConfigFile.write(unchanged), config);
    if (!differences.isEmpty()) {
      throw new InvalidInputException(
          "the model must be that of %s: %s; leave that out"
              .formatted(directory, String.join("; ", differences)));
    }
    requirePositions(config);
    return config;
  }

  private long whole(Setting setting) {
    return Quantity.whole(setting.key(), settings.getOrDefault(setting, List.of("0")).get(0));
  }

  /** Learned positions beyond those that were learned mean nothing. */
  private void requirePositions(TrainConfig config) {
    int wanted = config.model().sizes().positionRows();
    if (config.model().sizes().positions() == Positions.LEARNED && wanted > learned) {
      throw new InvalidInputException(
          "context must be at most the %s positions that %s has learned, got %s; set --context"
              .formatted(learned, directory, wanted));
    }
  }

  /**
   * Holds the model in a directory against the one that is to begin with it, whose rows follow from
   * the directory's tokenizer.
   *
   * @throws IllegalArgumentException if they differ
   */
  static void requireFits(Path directory, TransformerShape shape) {
    try {
      int rows = ModelFile.shape(RunDirectory.open(directory).lastModel()).vocabulary();
      if (rows != shape.vocabulary()) {
        throw new InvalidInputException(
            "from must hold a model and its own tokenizer, got %s with %s rows and %s tokens; take both from one run"
                .formatted(directory, rows, shape.vocabulary()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sets a new model's parameters to those of the model in a directory. */
  static void copy(Path directory, ComputationGraph model) {
    Path file = RunDirectory.open(directory).lastModel();
    try {
      TransformerParameters.copy(ModelFile.read(file), model);
    } catch (InvalidInputException e) {
      throw new InvalidInputException(
          "the model of %s cannot be trained further: %s".formatted(directory, e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
