package org.ergometer.runtime.training;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.nd4j.PhaseListener;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.data.TokenBatch;
import org.ergometer.models.transformer.GlobalNormClipping;
import org.ergometer.models.transformer.Optimization;
import org.ergometer.models.transformer.ParameterUpdate;
import org.ergometer.models.transformer.Precision;
import org.ergometer.models.transformer.TokenIds;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.models.transformer.WarmupDecaySchedule;
import org.ergometer.models.transformer.WarmupDecaySchedule.Decay;
import org.ergometer.models.transformer.WeightAverage;
import org.ergometer.runtime.checkpoint.Checkpoint;
import org.ergometer.runtime.checkpoint.ModelState;
import org.ergometer.runtime.checkpoint.TrainingState;
import org.ergometer.runtime.config.LoopConfig;
import org.ergometer.runtime.config.OptimizerConfig;
import org.ergometer.runtime.config.ScheduleKind;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * A transformer with its optimizer: sums and clips gradients, updates parameters unless the
 * gradient is no finite number, and says in which phase its ops run.
 *
 * <p>The step is DL4J's own, taken apart: its {@code fit} updates after each batch whatever the
 * gradient is.
 */
public final class TransformerTraining implements Trainable, AutoCloseable {

  private final ComputationGraph graph;
  private final TransformerShape shape;
  private final ISchedule schedule;
  private final GlobalNormClipping clipping;
  private final ParameterUpdate update;
  private final SpikeWatch spikes;
  private final @Nullable WeightAverage average;
  private final PhaseListener phases;
  private @Nullable LossScaling scaling;
  private @Nullable INDArray sum;

  private TransformerTraining(
      ComputationGraph graph,
      Optimization optimization,
      OptimizerConfig optimizer,
      SpikeWatch spikes,
      @Nullable WeightAverage average) {
    this.graph = graph;
    this.shape = Transformer.shape(graph);
    this.spikes = spikes;
    this.average = average;
    this.schedule = optimization.learningRate();
    this.clipping = clipping(optimizer);
    Transformer.dropout(graph, optimizer.dropout());
    this.update = ParameterUpdate.of(graph, optimization);
    Scope scope = Scope.enter(Phase.OTHER);
    this.phases = new PhaseListener();
    scope.close();
    graph.setListeners(phases);
  }

  /** A new model, its start values drawn from the seed. */
  public static TransformerTraining create(
      TransformerShape shape, OptimizerConfig optimizer, LoopConfig loop) {
    return create(shape, Recompute.NONE, optimizer, loop);
  }

  /** A new model whose backward pass computes parts of the forward pass again. */
  public static TransformerTraining create(
      TransformerShape shape, Recompute recompute, OptimizerConfig optimizer, LoopConfig loop) {
    return create(shape, recompute, optimizer, loop, graph -> {});
  }

  /**
   * A new model that begins with other values.
   *
   * @param start sets them; what that takes is not counted
   */
  public static TransformerTraining create(
      TransformerShape shape,
      Recompute recompute,
      OptimizerConfig optimizer,
      LoopConfig loop,
      Consumer<ComputationGraph> start) {
    Optimization optimization = optimization(optimizer, loop);
    ComputationGraph graph =
        Transformer.create(shape, recompute, optimization, loop.seed(), DataType.FLOAT);
    Accounting.uncounted(
        () -> {
          start.accept(graph);
          return graph;
        });
    return new TransformerTraining(
        graph,
        optimization,
        optimizer,
        new SpikeWatch(loop.spikeDeviations(), null),
        average(graph, optimizer, null));
  }

  /** The model of a checkpoint, as it was then; nothing of what that takes is counted. */
  public static TransformerTraining restore(
      TransformerShape shape,
      Recompute recompute,
      OptimizerConfig optimizer,
      LoopConfig loop,
      Checkpoint checkpoint) {
    Optimization optimization = optimization(optimizer, loop);
    ComputationGraphConfiguration configuration =
        Transformer.configuration(shape, recompute, optimization, loop.seed(), DataType.FLOAT);
    configuration.setIterationCount(checkpoint.state().step());
    boolean withState = checkpoint.model().hasStates(optimization.rule().allStates(shape));
    ComputationGraph graph =
        Accounting.uncounted(() -> restored(configuration, checkpoint, withState));
    return new TransformerTraining(
        graph,
        optimization,
        optimizer,
        new SpikeWatch(loop.spikeDeviations(), checkpoint.state().recent()),
        average(graph, optimizer, checkpoint.model().average()));
  }

  private static ComputationGraph restored(
      ComputationGraphConfiguration configuration, Checkpoint checkpoint, boolean withState) {
    ModelState model = checkpoint.model();
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init(model.parameters(), false);
    if (withState && model.updater() != null) {
      graph.getUpdater().setStateViewArray(model.updater());
    }
    TrainingState.Position position = checkpoint.state().position();
    Nd4j.getRandom().setStates(position.randomRoot(), position.randomNode());
    return graph;
  }

  private static @Nullable WeightAverage average(
      ComputationGraph graph, OptimizerConfig optimizer, @Nullable INDArray earlier) {
    return optimizer.averages()
        ? Accounting.uncounted(() -> new WeightAverage(graph, optimizer.averageDecay(), earlier))
        : null;
  }

  private static ISchedule schedule(OptimizerConfig optimizer, LoopConfig loop) {
    int falling = loop.steps() - optimizer.warmup();
    return new WarmupDecaySchedule(
        optimizer.learningRate(),
        optimizer.minLearningRate(),
        optimizer.warmup(),
        loop.steps(),
        optimizer.schedule() == ScheduleKind.WSD ? optimizer.cooldown() : falling,
        switch (optimizer.schedule()) {
          case COSINE -> Decay.COSINE;
          case LINEAR, WSD -> Decay.LINEAR;
          case CONSTANT -> Decay.NONE;
        });
  }

  private static Optimization optimization(OptimizerConfig optimizer, LoopConfig loop) {
    return new Optimization(
        schedule(optimizer, loop), UpdateRules.of(optimizer), optimizer.weightDecay());
  }

  private static GlobalNormClipping clipping(OptimizerConfig optimizer) {
    return new GlobalNormClipping(
        optimizer.clip() == 0 ? Double.POSITIVE_INFINITY : optimizer.clip());
  }

  /**
   * Works in a precision from now on.
   *
   * @param lossScaling scale of the loss; null where the precision has none
   */
  public void precision(Precision policy, @Nullable LossScaling lossScaling) {
    Transformer.precision(graph, policy);
    scaling = lossScaling;
  }

  /** Scale of the loss for the checkpoint; null where there is none. */
  public TrainingState.@Nullable Scaling scaling() {
    return scaling == null ? null : scaling.state();
  }

  /** By what spikes are told. */
  public SpikeWatch spikes() {
    return spikes;
  }

  /** A copy of everything that the model is, to go on from or to be used. */
  public ModelState state() {
    return average == null
        ? ModelState.of(graph)
        : ModelState.of(graph, average.trained(), average.average());
  }

  /** The model itself; after an evaluation, where there is one, with the average of its weights. */
  public ComputationGraph graph() {
    return graph;
  }

  @Override
  public Fitted fit(Supplier<TokenBatch> batches, int accumulated) {
    int iteration = graph.getIterationCount();
    double learningRate = schedule.valueAt(iteration, graph.getEpochCount());
    double scale = scaling == null ? 1 : scaling.scale();
    if (scaling != null) {
      Transformer.lossScale(graph, scale);
    }
    Scope scope = Scope.enter(Phase.FORWARD);
    try {
      if (average != null) {
        average.show(false);
      }
      double loss = 0;
      for (int index = 0; index < accumulated; index++) {
        loss += gradient(batches.get());
        if (accumulated > 1) {
          add(index, accumulated);
        }
      }
      Scope.switchTo(Phase.UPDATE);
      // Of all gradients together: it is finite if each of them is. A scale of 2^n divides exactly.
      double norm = clipping.norm(graph.getFlattenedGradients()) / scale;
      boolean applied = Double.isFinite(norm) && !spikes.isSpike(loss / accumulated, norm);
      if (applied) {
        update.apply(clipping.scale(norm) / scale, iteration);
        if (average != null) {
          average.update(iteration);
        }
      }
      if (scaling != null) {
        scaling.stepDone(Double.isFinite(norm));
      }
      graph.getConfiguration().setIterationCount(iteration + 1);
      // A GPU works on while Java goes on; the step, its time and its energy end when it has done.
      Nd4j.getExecutioner().commit();
      return new Fitted(
          loss / accumulated, learningRate, norm, applied, scaling == null ? null : scale);
    } finally {
      scope.close();
    }
  }

  /** Forward and backward; the gradient is in the graph's flat view then. */
  private double gradient(TokenBatch batch) {
    Scope.switchTo(Phase.FORWARD);
    TokenIds.require(batch.largest(), shape);
    graph.setInputs(batch.inputs());
    graph.setLabels(batch.targets());
    graph.computeGradientAndScore();
    return graph.score();
  }

  /** Collects the gradients of a step's batches; after the last, the view holds their mean. */
  private void add(int index, int accumulated) {
    Scope.switchTo(Phase.BACKWARD);
    INDArray gradient = graph.getFlattenedGradients();
    INDArray collected = sum;
    if (collected == null) {
      collected = Nd4j.createUninitializedDetached(gradient.dataType(), gradient.shape());
      sum = collected;
    }
    if (index == 0) {
      collected.assign(gradient);
    } else if (index < accumulated - 1) {
      collected.addi(gradient);
    } else {
      gradient.addi(collected);
      gradient.divi(accumulated);
    }
  }

  @Override
  public Transformer.Held holdWeights() {
    if (average != null) {
      average.show(true);
    }
    return Transformer.holdWeights(graph);
  }

  @Override
  public double evaluate(TokenBatch batch) {
    Scope scope = Scope.enter(Phase.EVALUATION);
    try {
      if (average != null) {
        average.show(true);
      }
      TokenIds.require(batch.largest(), shape);
      return Transformer.loss(graph, batch.inputs(), batch.targets());
    } finally {
      scope.close();
    }
  }

  /** Leaves the model without listeners. */
  @Override
  public void close() {
    graph.setListeners();
    phases.close();
  }
}
