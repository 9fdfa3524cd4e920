package org.ergometer.runtime.cli;

import java.nio.file.Path;
import java.util.Locale;
import org.ergometer.runtime.config.LoopConfig;
import org.ergometer.runtime.config.OptimizerConfig;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.report.ErgometerVersion;
import org.ergometer.runtime.report.Recipe;
import org.ergometer.runtime.report.RunOrigin;

/** The recipe of a run from its configuration. */
final class RunRecipe {

  private RunRecipe() {}

  static Recipe of(TrainConfig config, TrainingData data, RunOrigin origin) {
    LoopConfig loop = config.loop();
    OptimizerConfig optimizer = config.optimizer();
    return new Recipe(
        origin.command(),
        origin.resumedWith(),
        ErgometerVersion.text(),
        loop.seed(),
        loop.steps(),
        loop.batch(),
        loop.accumulate(),
        config.precision().policy().label(),
        name(optimizer.kind()),
        optimizer.learningRate(),
        optimizer.minLearningRate(),
        name(optimizer.schedule()),
        optimizer.warmup(),
        optimizer.weightDecay(),
        optimizer.clip(),
        optimizer.dropout(),
        data.source(),
        config.data().files().stream().map(Path::toString).toList(),
        data.digest(),
        data.tokens(),
        name(config.data().order()),
        config.data().tokenizer().text());
  }

  private static String name(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}
