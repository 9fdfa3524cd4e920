package org.ergometer.models.transformer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.LayerNames;
import org.ergometer.accounting.predict.Norm;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.ResetPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A decoder as a DL4J graph, in the style of GPT-2 (Radford et al. 2019), of Llama (Touvron et al.
 * 2023) or between: a chain of embedding, blocks, norm, head and loss, named as in {@link
 * LayerNames}.
 *
 * <pre>{@code
 * ComputationGraph graph = Transformer.create(shape, Optimization.adamW(1e-3), 1);
 * graph.fit(new INDArray[] {tokens}, new INDArray[] {targets}); // int32 [B, T] each
 * }</pre>
 *
 * <p>The score of a step is the mean cross-entropy over its B·T tokens in nats; gradients are those
 * of that mean and are not divided by the number of rows again.
 */
public final class Transformer {

  private static final String TOKENS = "tokens";
  private static final AtomicLong HOLDS = new AtomicLong();
  private static final String EVALUATION_WORKSPACE = "TRANSFORMER_LOGITS";
  private static final WorkspaceConfiguration WORKSPACE =
      WorkspaceConfiguration.builder()
          .initialSize(0)
          .overallocationLimit(0.02)
          .policyLearning(LearningPolicy.FIRST_LOOP)
          .policyReset(ResetPolicy.BLOCK_LEFT)
          .policySpill(SpillPolicy.REALLOCATE)
          .policyAllocation(AllocationPolicy.OVERALLOCATE)
          .build();

  private Transformer() {}

  /** A new model in float32, its start values drawn from {@code seed}. */
  public static ComputationGraph create(
      TransformerShape shape, Optimization optimization, long seed) {
    return create(shape, optimization, seed, DataType.FLOAT);
  }

  /** A new model of the given element type; double is for gradient checks. */
  public static ComputationGraph create(
      TransformerShape shape, Optimization optimization, long seed, DataType dataType) {
    return create(shape, Recompute.NONE, optimization, seed, dataType);
  }

  /** A new model whose backward pass computes parts of the forward pass again, to save memory. */
  public static ComputationGraph create(
      TransformerShape shape,
      Recompute recompute,
      Optimization optimization,
      long seed,
      DataType dataType) {
    ComputationGraph graph =
        new ComputationGraph(configuration(shape, recompute, optimization, seed, dataType));
    graph.init();
    return graph;
  }

  /**
   * Refuses a shape that this package cannot build.
   *
   * @throws IllegalArgumentException naming the first thing that is not built
   */
  public static void requireBuildable(TransformerShape shape) {
    obstacle(shape)
        .ifPresent(
            text -> {
              throw new InvalidInputException(text);
            });
  }

  /** Whether this package can build a shape. */
  public static boolean isBuildable(TransformerShape shape) {
    return obstacle(shape).isEmpty();
  }

  /** The first thing that is not built. */
  private static Optional<String> obstacle(TransformerShape shape) {
    return Stream.of(
            unless(!shape.mixture().routes(), "experts", "1", shape.mixture().experts()),
            unless(shape.latent() == null, "kv-latent", "0", "latent attention"),
            unless(
                shape.positions() != Positions.RELATIVE,
                "positions",
                "learned, rope or none",
                "relative"),
            unless(
                shape.positions() != Positions.ROPE || shape.headDim() % 2 == 0,
                "head-dim",
                "even with rope positions",
                shape.headDim()),
            unless(
                !shape.qkNorm() || shape.norm() != Norm.NONE,
                "qk-norm",
                "off where norm is none",
                "on"),
            unless(shape.blockNorms() == 2, "block-norms", "2", shape.blockNorms()),
            unless(
                shape.qkvBias() == shape.bias(), "qkv-bias", "the same as bias", shape.qkvBias()),
            unless(
                shape.normBias() == shape.bias(),
                "norm-bias",
                "the same as bias",
                shape.normBias()),
            unless(!shape.embeddingNorm(), "embedding-norm", "off", "on"),
            unless(shape.finalNorm(), "final-norm", "on", "off"))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> unless(boolean met, String name, String rule, Object value) {
    return met
        ? Optional.empty()
        : Optional.of(
            "%s must be %s to be trained, got %s; ergometer predict knows the others"
                .formatted(name, rule, value));
  }

  /** The configuration alone; nothing of the model's size is allocated. */
  public static ComputationGraphConfiguration configuration(
      TransformerShape shape,
      Recompute recompute,
      Optimization optimization,
      long seed,
      DataType dataType) {
    requireBuildable(shape);
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .dataType(dataType)
            .miniBatch(false)
            .trainingWorkspaceMode(WorkspaceMode.ENABLED)
            .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
            .graphBuilder()
            .addInputs(TOKENS);
    Chain chain = new Chain(builder, shape, recompute, optimization);
    chain.add(Sublayer.EMBEDDING, 0);
    for (int block = 0; block < shape.layers(); block++) {
      chain.add(Sublayer.ATTENTION, block);
      chain.add(Sublayer.FEED_FORWARD, block);
    }
    if (shape.norm() != Norm.NONE) {
      chain.add(Sublayer.FINAL_NORM, 0);
    }
    if (shape.tied()) {
      chain.addTiedHead();
    } else {
      chain.add(Sublayer.HEAD, 0);
    }
    chain.add(Sublayer.LOSS, 0);
    return builder.setOutputs(LayerNames.LOSS).build();
  }

  /**
   * Lets a float32 model work in a mixed precision from now on. Parameters stay as they are: the
   * policy is the run's, and no part of a saved model.
   */
  public static void precision(ComputationGraph graph, Precision policy) {
    forEachOps(graph, ops -> ops.precision(policy));
  }

  /** While a model's parameters stay what they are. */
  @FunctionalInterface
  public interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Promises that parameters stay what they are until what this gives is closed: in a mixed
   * precision they are rounded once then, and not for each pass.
   */
  public static Held holdWeights(ComputationGraph graph) {
    long number = HOLDS.incrementAndGet();
    forEachOps(graph, ops -> ops.held(number));
    return () -> forEachOps(graph, ops -> ops.held(TensorOps.NOT_HELD));
  }

  /**
   * Bytes that the layers of a model hold from a training step's forward pass for its backward
   * pass, what they hand on included; 0 before the first.
   */
  public static long keptBytes(ComputationGraph graph) {
    long bytes = 0;
    for (Layer layer : graph.getLayers()) {
      if (layer instanceof TransformerLayer own) {
        bytes += own.memory.keptBytes();
      }
    }
    for (GraphVertex vertex : graph.getVertices()) {
      if (vertex instanceof TiedHead head) {
        bytes += head.memory().keptBytes();
      }
    }
    return bytes;
  }

  private static void forEachOps(ComputationGraph graph, Consumer<TensorOps> action) {
    for (Layer layer : graph.getLayers()) {
      if (layer instanceof TransformerLayer own) {
        action.accept(own.ops);
      }
    }
    for (GraphVertex vertex : graph.getVertices()) {
      if (vertex instanceof TiedHead head) {
        action.accept(head.head().ops());
      }
    }
  }

  /**
   * Multiplies all gradients of the backward passes to come, in a precision whose loss is scaled.
   *
   * @param factor a power of two, so that no bit of a gradient is lost by it
   */
  public static void lossScale(ComputationGraph graph, double factor) {
    ((LossLayer) graph.getLayer(LayerNames.LOSS)).scale(factor);
  }

  /**
   * Drops elements of the embedding's sum and of what each half of a block adds, as GPT-2 did
   * (Radford et al. 2019), from now on and in training alone: the run's policy, and no part of a
   * saved model. Attention's weights are all kept.
   *
   * @param probability of each element, 0 for none
   */
  public static void dropout(ComputationGraph graph, double probability) {
    for (Layer layer : graph.getLayers()) {
      if (layer instanceof ResidualLayer || layer instanceof EmbeddingLayer) {
        ((TransformerLayer) layer).dropout.probability(probability);
      }
    }
  }

  /**
   * Mean cross-entropy in nats per token, in inference mode and without a gradient.
   *
   * @param tokens int [B, T]
   * @param targets int [B, T], the token that follows each
   */
  public static double loss(ComputationGraph graph, INDArray tokens, INDArray targets) {
    LossLayer layer = (LossLayer) graph.getLayer(LayerNames.LOSS);
    layer.setLabels(targets);
    try (MemoryWorkspace workspace =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace(WORKSPACE, EVALUATION_WORKSPACE)) {
      graph.output(false, workspace, tokens);
      return layer.score();
    } finally {
      layer.setLabels(null);
    }
  }

  /** Logits [B·T, V] for tokens int [B, T], in inference mode; T may be less than the context. */
  public static INDArray logits(ComputationGraph graph, INDArray tokens) {
    return graph.outputSingle(false, tokens);
  }

  /** The shape a model was made with, also of a restored one. */
  public static TransformerShape shape(ComputationGraph graph) {
    if (graph.getLayer(LayerNames.EMBEDDING) instanceof EmbeddingLayer embedding) {
      return embedding.shape();
    }
    throw new InvalidInputException(
        "this graph is not a transformer: it has no layer \"%s\"; make one with Transformer.create"
            .formatted(LayerNames.EMBEDDING));
  }

  /** Layers one after the other, each fed by the one before. */
  private static final class Chain {

    private final GraphBuilder builder;
    private final TransformerShape shape;
    private final Recompute recompute;
    private final Optimization optimization;
    private String last = TOKENS;

    Chain(
        GraphBuilder builder,
        TransformerShape shape,
        Recompute recompute,
        Optimization optimization) {
      this.builder = builder;
      this.shape = shape;
      this.recompute = recompute;
      this.optimization = optimization;
    }

    void add(Sublayer kind, int block) {
      TransformerLayerConf layer = new TransformerLayerConf(kind, shape, block, recompute);
      layer.setIUpdater(optimization.rule().updater(optimization.learningRate()));
      if (optimization.weightDecay() > 0) {
        layer.setRegularization(
            new ArrayList<>(List.of(new DecoupledWeightDecay(optimization.weightDecay()))));
      }
      builder.addLayer(layer.getLayerName(), layer, last);
      last = layer.getLayerName();
    }

    void addTiedHead() {
      builder.addVertex(LayerNames.HEAD, new TiedHeadConf(), last);
      last = LayerNames.HEAD;
    }
  }
}
