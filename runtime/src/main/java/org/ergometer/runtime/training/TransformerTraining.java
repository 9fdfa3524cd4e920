package org.ergometer.runtime.training;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.nd4j.PhaseListener;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.data.TokenBatch;
import org.ergometer.models.transformer.GlobalNormClipping;
import org.ergometer.models.transformer.Optimization;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.models.transformer.WarmupCosineSchedule;
import org.ergometer.runtime.checkpoint.Checkpoint;
import org.ergometer.runtime.checkpoint.ModelState;
import org.ergometer.runtime.checkpoint.TrainingState;
import org.ergometer.runtime.config.LoopConfig;
import org.ergometer.runtime.config.OptimizerConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.ISchedule;

/** A transformer with its optimizer: clips gradients, and says in which phase its ops run. */
public final class TransformerTraining implements Trainable, AutoCloseable {

  /** Of nanoGPT and PyTorch. */
  private static final double ADAM_EPSILON = 1e-8;

  private final ComputationGraph graph;
  private final ISchedule schedule;
  private final GlobalNormClipping clipping;
  private final PhaseListener phases;
  private double learningRate = Double.NaN;

  private TransformerTraining(
      ComputationGraph graph, ISchedule schedule, GlobalNormClipping clipping) {
    this.graph = graph;
    this.schedule = schedule;
    this.clipping = clipping;
    Scope scope = Scope.enter(Phase.OTHER);
    this.phases = new PhaseListener();
    scope.close();
    // The phase first: clipping is a part of the update.
    graph.setListeners(phases, clipping);
  }

  /** A new model, its start values drawn from the seed. */
  public static TransformerTraining create(
      TransformerShape shape, OptimizerConfig optimizer, LoopConfig loop) {
    ISchedule schedule = schedule(optimizer, loop);
    return new TransformerTraining(
        Transformer.create(shape, optimization(optimizer, schedule), loop.seed()),
        schedule,
        clipping(optimizer));
  }

  /** The model of a checkpoint, as it was then; nothing of what that takes is counted. */
  public static TransformerTraining restore(
      TransformerShape shape, OptimizerConfig optimizer, LoopConfig loop, Checkpoint checkpoint) {
    ISchedule schedule = schedule(optimizer, loop);
    ComputationGraphConfiguration configuration =
        Transformer.configuration(
            shape, optimization(optimizer, schedule), loop.seed(), DataType.FLOAT);
    configuration.setIterationCount(checkpoint.state().step());
    ComputationGraph graph = Accounting.uncounted(() -> restored(configuration, checkpoint));
    return new TransformerTraining(graph, schedule, clipping(optimizer));
  }

  private static ComputationGraph restored(
      ComputationGraphConfiguration configuration, Checkpoint checkpoint) {
    ModelState model = checkpoint.model();
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init(model.parameters(), false);
    if (model.updater() != null) {
      graph.getUpdater().setStateViewArray(model.updater());
    }
    TrainingState.Position position = checkpoint.state().position();
    Nd4j.getRandom().setStates(position.randomRoot(), position.randomNode());
    return graph;
  }

  private static ISchedule schedule(OptimizerConfig optimizer, LoopConfig loop) {
    return new WarmupCosineSchedule(
        optimizer.learningRate(), optimizer.minLearningRate(), optimizer.warmup(), loop.steps());
  }

  private static Optimization optimization(OptimizerConfig optimizer, ISchedule schedule) {
    return new Optimization(
        schedule, optimizer.beta1(), optimizer.beta2(), ADAM_EPSILON, optimizer.weightDecay());
  }

  private static GlobalNormClipping clipping(OptimizerConfig optimizer) {
    return new GlobalNormClipping(
        optimizer.clip() == 0 ? Double.POSITIVE_INFINITY : optimizer.clip());
  }

  /** The model itself. */
  public ComputationGraph graph() {
    return graph;
  }

  @Override
  public double fit(TokenBatch batch) {
    learningRate = schedule.valueAt(graph.getIterationCount(), graph.getEpochCount());
    Scope scope = Scope.enter(Phase.FORWARD);
    try {
      graph.fit(new INDArray[] {batch.inputs()}, new INDArray[] {batch.targets()});
      return graph.score();
    } finally {
      scope.close();
    }
  }

  @Override
  public double evaluate(TokenBatch batch) {
    Scope scope = Scope.enter(Phase.EVALUATION);
    try {
      return Transformer.loss(graph, batch.inputs(), batch.targets());
    } finally {
      scope.close();
    }
  }

  @Override
  public double learningRate() {
    return learningRate;
  }

  @Override
  public double gradientNorm() {
    return clipping.lastNorm();
  }

  /** Leaves the model without listeners. */
  @Override
  public void close() {
    graph.setListeners();
    phases.close();
  }
}
