package org.ergometer.runtime.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.backend.BackendRequest;
import org.jspecify.annotations.Nullable;

/**
 * Everything a training run is asked to do, validated.
 *
 * @param run directory for what the run leaves; null to choose one
 */
public record TrainConfig(
    ModelConfig model,
    OptimizerConfig optimizer,
    LoopConfig loop,
    DataConfig data,
    SavingConfig saving,
    MetricsConfig metrics,
    AccountingConfig accounting,
    BackendRequest backend,
    AccelerationMode acceleration,
    PrecisionConfig precision,
    EnergyConfig energy,
    @Nullable Path run) {

  public TrainConfig {
    if (precision.policy().mixed() && acceleration == AccelerationMode.OFF) {
      throw new InvalidInputException(
          "precision %s needs oneDNN's products, got acceleration off; set --precision float32 or --acceleration auto"
              .formatted(precision.policy().label()));
    }
    if (precision.baselineSteps() > loop.steps()) {
      throw new InvalidInputException(
          "measure-baseline must be <= steps, got measure-baseline %s and steps %s; set --measure-baseline"
              .formatted(precision.baselineSteps(), loop.steps()));
    }
    if (energy.budget().flops() != null && !accounting.enabled()) {
      throw new InvalidInputException(
          "flops-budget needs accounting, got no-accounting; leave one of the two out");
    }
    if (optimizer.warmup() > loop.steps()) {
      throw new InvalidInputException(
          "warmup must be <= steps, got warmup %s and steps %s; set --warmup or --steps"
              .formatted(optimizer.warmup(), loop.steps()));
    }
    if (optimizer.schedule() == ScheduleKind.WSD
        && optimizer.cooldown() > loop.steps() - optimizer.warmup()) {
      throw new InvalidInputException(
          "cooldown must be <= the %s steps after the warm-up, got %s; set --cooldown or --steps"
              .formatted(loop.steps() - optimizer.warmup(), optimizer.cooldown()));
    }
  }

  /**
   * The configuration that settings amount to.
   *
   * @throws IllegalArgumentException with value, rule and remedy if it is none
   */
  public static TrainConfig of(Settings settings) {
    ModelConfig model = ModelConfig.of(settings);
    LoopConfig loop = LoopConfig.of(settings, model.sizes().context());
    return new TrainConfig(
        model,
        OptimizerConfig.of(settings, loop.steps()),
        loop,
        DataConfig.of(settings),
        SavingConfig.of(settings),
        MetricsConfig.of(settings),
        AccountingConfig.of(settings),
        BackendRequest.of(settings.text(Setting.BACKEND)),
        AccelerationMode.of(settings.text(Setting.ACCELERATION)),
        PrecisionConfig.of(settings),
        EnergyConfig.of(settings),
        settings.path(Setting.RUN));
  }

  /** The same with another text. */
  public TrainConfig withData(DataConfig other) {
    return new TrainConfig(
        model,
        optimizer,
        loop,
        other,
        saving,
        metrics,
        accounting,
        backend,
        acceleration,
        precision,
        energy,
        run);
  }

  /**
   * Values by name, derived ones included. Paths are absolute, so that they mean the same wherever
   * they are read. The run's directory is left out, so that another run can be made from them; so
   * is a port that was not asked for.
   */
  Map<String, Object> resolved() {
    Map<String, Setting> names = Setting.byName();
    Map<String, Object> values = new LinkedHashMap<>();
    putModel(values);
    putTraining(values);
    data.putInto(values);
    put(values, Setting.SAVE_EVERY, saving.every());
    put(values, Setting.KEEP, saving.keep());
    put(values, Setting.METRICS, metrics.enabled());
    if (metrics.port() != null) {
      put(values, Setting.METRICS_PORT, metrics.port());
    }
    put(values, Setting.METRICS_HOST, metrics.host());
    put(values, Setting.METRICS_LINGER, metrics.lingerSeconds());
    if (metrics.textfile() != null) {
      put(values, Setting.METRICS_TEXTFILE, metrics.textfile().toString());
    }
    if (metrics.auth() != null) {
      put(values, Setting.METRICS_AUTH, metrics.auth().toString());
    }
    if (metrics.keystore() != null) {
      put(values, Setting.METRICS_KEYSTORE, metrics.keystore().toString());
    }
    if (metrics.keystorePassword() != null) {
      put(values, Setting.METRICS_KEYSTORE_PASSWORD, metrics.keystorePassword().toString());
    }
    put(values, Setting.ACCOUNTING, accounting.enabled());
    put(values, Setting.STRICT_ACCOUNTING, accounting.strict());
    if (accounting.peak() != null) {
      put(values, Setting.PEAK, accounting.peak());
    }
    put(values, Setting.BACKEND, backend.label());
    put(values, Setting.ACCELERATION, acceleration.label());
    energy.putInto(values);
    values.replaceAll((name, value) -> located(names.get(name), value));
    return values;
  }

  private static Object located(@Nullable Setting setting, Object value) {
    if (setting == null) {
      return value;
    }
    return switch (setting.kind()) {
      case FILE, DIRECTORY -> absolute(value);
      case FILES -> ((List<?>) value).stream().map(TrainConfig::absolute).toList();
      case WHOLE, REAL, SWITCH, TEXT -> value;
    };
  }

  private static String absolute(Object path) {
    return Path.of(path.toString()).toAbsolutePath().toString();
  }

  private void putModel(Map<String, Object> values) {
    Map<Setting, Object> sizes = ModelSettings.complete(model.sizes());
    if (model.vocabulary() == null) {
      sizes.remove(Setting.VOCABULARY);
    }
    sizes.forEach((setting, value) -> put(values, setting, value));
    put(values, Setting.RECOMPUTE, model.recompute().label());
  }

  private void putTraining(Map<String, Object> values) {
    if (model.from() != null) {
      put(values, Setting.FROM, model.from().toString());
    }
    put(values, Setting.STEPS, loop.steps());
    put(values, Setting.BATCH, loop.batch());
    put(values, Setting.ACCUMULATE, loop.accumulate());
    put(values, Setting.SEED, loop.seed());
    put(values, Setting.OPTIMIZER, lowerCase(optimizer.kind()));
    put(values, Setting.LEARNING_RATE, optimizer.learningRate());
    put(values, Setting.MIN_LEARNING_RATE, optimizer.minLearningRate());
    put(values, Setting.SCHEDULE, lowerCase(optimizer.schedule()));
    put(values, Setting.WARMUP, optimizer.warmup());
    put(values, Setting.COOLDOWN, optimizer.cooldown());
    put(values, Setting.WEIGHT_DECAY, optimizer.weightDecay());
    put(values, Setting.BETA1, optimizer.beta1());
    put(values, Setting.BETA2, optimizer.beta2());
    put(values, Setting.MOMENTUM, optimizer.momentum());
    put(values, Setting.CLIP, optimizer.clip());
    put(values, Setting.DROPOUT, optimizer.dropout());
    put(values, Setting.AVERAGE_DECAY, optimizer.averageDecay());
    precision.putInto(values);
    put(values, Setting.EVAL_EVERY, loop.evalEvery());
    put(values, Setting.EVAL_BATCHES, loop.evalBatches());
    if (loop.patience() != null) {
      put(values, Setting.PATIENCE, loop.patience());
    }
    put(values, Setting.DIVERGENCE, lowerCase(loop.divergence()));
    if (loop.spikeDeviations() != null) {
      put(values, Setting.SPIKE_DEVIATIONS, loop.spikeDeviations());
    }
  }

  static String lowerCase(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  private static void put(Map<String, Object> values, Setting setting, Object value) {
    values.put(setting.key(), value);
  }
}
