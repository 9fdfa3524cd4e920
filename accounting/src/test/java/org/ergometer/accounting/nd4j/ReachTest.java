package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Whatever DL4J's own layers, losses, activations and updaters execute has a formula. */
@SuppressWarnings("deprecation") // GravesLSTM is deprecated, and used
class ReachTest {

  private static final InputType IMAGES = InputType.convolutional(8, 8, 2);
  private static final InputType VOLUMES =
      InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 4, 4, 4, 2);
  private static final InputType SEQUENCES = InputType.recurrent(4, 6);
  private static final InputType ROWS = InputType.feedForward(4);

  private record Reached(String name, InputType input, List<Layer> layers) {

    Reached(String name, InputType input, Layer... layers) {
      this(name, input, List.of(layers));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Reached> layers() {
    return Stream.of(
            images(),
            Stream.of(
                new Reached(
                    "Convolution3D",
                    VOLUMES,
                    new Convolution3D.Builder(2, 2, 2).nOut(2).build(),
                    new Subsampling3DLayer.Builder(2, 2, 2).build())),
            sequences(),
            rows())
        .flatMap(layers -> layers);
  }

  /** Every layer that a test of this class runs. */
  static List<Layer> reachedLayers() {
    return Stream.concat(
            layers().flatMap(reached -> reached.layers.stream()),
            Stream.of(
                new ActivationLayer.Builder().build(),
                new EmbeddingLayer.Builder().nIn(7).nOut(4).build(),
                new EmbeddingSequenceLayer.Builder().nIn(7).nOut(4).build(),
                new OutputLayer.Builder(LossFunction.MSE).nOut(2).build(),
                new RnnOutputLayer.Builder(LossFunction.MSE).nOut(2).build()))
        .toList();
  }

  private static Stream<Reached> images() {
    return Stream.of(
        one(IMAGES, new ConvolutionLayer.Builder(3, 3).nOut(3).build()),
        new Reached(
            "ConvolutionLayer, same, strided, without bias",
            IMAGES,
            new ConvolutionLayer.Builder(3, 3)
                .stride(2, 2)
                .convolutionMode(ConvolutionMode.Same)
                .hasBias(false)
                .nOut(3)
                .build()),
        one(IMAGES, new Deconvolution2D.Builder(2, 2).nOut(3).build()),
        one(IMAGES, new DepthwiseConvolution2D.Builder(2, 2).depthMultiplier(2).build()),
        one(IMAGES, new SeparableConvolution2D.Builder(2, 2).nOut(3).build()),
        pooling(PoolingType.MAX),
        pooling(PoolingType.AVG),
        pooling(PoolingType.PNORM),
        new Reached(
            "BatchNormalization of images",
            IMAGES,
            new ConvolutionLayer.Builder(3, 3).nOut(3).build(),
            new BatchNormalization.Builder().build()),
        one(IMAGES, new LocalResponseNormalization.Builder().n(2).build()),
        one(IMAGES, new Upsampling2D.Builder(2).build()),
        one(IMAGES, new ZeroPaddingLayer.Builder(1, 1).build()),
        one(IMAGES, new Cropping2D.Builder(1, 1, 1, 1).build()),
        one(IMAGES, new SpaceToDepthLayer.Builder<>(2).build()),
        one(IMAGES, new GlobalPoolingLayer.Builder(PoolingType.AVG).build()),
        one(IMAGES, new GlobalPoolingLayer.Builder(PoolingType.MAX).build()));
  }

  private static Reached pooling(PoolingType type) {
    SubsamplingLayer.Builder pooling = new SubsamplingLayer.Builder(type, new int[] {2, 2});
    if (type == PoolingType.PNORM) {
      pooling.pnorm(2);
    }
    return new Reached("SubsamplingLayer " + type, IMAGES, pooling.build());
  }

  /** But for learned self-attention, which fails in this release of DL4J by itself. */
  private static Stream<Reached> sequences() {
    return Stream.of(
        one(SEQUENCES, new LSTM.Builder().nOut(3).build()),
        one(SEQUENCES, new GravesLSTM.Builder().nOut(3).build()),
        one(SEQUENCES, new SimpleRnn.Builder().nOut(3).build()),
        one(SEQUENCES, new Bidirectional(new LSTM.Builder().nOut(3).build())),
        one(SEQUENCES, new Convolution1DLayer.Builder(2).nOut(3).build()),
        one(
            SEQUENCES,
            new SelfAttentionLayer.Builder()
                .nHeads(2)
                .headSize(2)
                .projectInput(true)
                .nOut(4)
                .build()),
        one(SEQUENCES, new RecurrentAttentionLayer.Builder().nHeads(1).headSize(2).nOut(3).build()),
        one(SEQUENCES, new GlobalPoolingLayer.Builder(PoolingType.MAX).build()));
  }

  private static Stream<Reached> rows() {
    Map<String, IDropout> dropouts = new LinkedHashMap<>();
    dropouts.put("Dropout", new Dropout(0.5));
    dropouts.put("AlphaDropout", new AlphaDropout(0.5));
    dropouts.put("GaussianDropout", new GaussianDropout(0.5));
    dropouts.put("GaussianNoise", new GaussianNoise(0.1));
    Stream<Reached> dropped =
        dropouts.entrySet().stream()
            .map(
                entry ->
                    new Reached(
                        entry.getKey(),
                        ROWS,
                        new DenseLayer.Builder().nOut(5).build(),
                        new DenseLayer.Builder().nOut(5).dropOut(entry.getValue()).build()));
    return Stream.concat(
        dropped,
        Stream.of(
            new Reached(
                "SpatialDropout",
                IMAGES,
                new ConvolutionLayer.Builder(3, 3).nOut(3).build(),
                new ConvolutionLayer.Builder(3, 3)
                    .nOut(3)
                    .dropOut(new SpatialDropout(0.5))
                    .build()),
            one(ROWS, new DenseLayer.Builder().nOut(5).hasLayerNorm(true).build()),
            new Reached(
                "BatchNormalization of rows",
                ROWS,
                new DenseLayer.Builder().nOut(5).build(),
                new BatchNormalization.Builder().build()),
            one(ROWS, new PReLULayer.Builder().inputShape(4).build()),
            one(ROWS, new ElementWiseMultiplicationLayer.Builder().nIn(4).nOut(4).build()),
            new Reached(
                "weight decay, l1 and l2",
                ROWS,
                new DenseLayer.Builder().nOut(5).l1(0.1).l2(0.1).build(),
                new DenseLayer.Builder().nOut(5).weightDecay(0.1).build())));
  }

  private static Reached one(InputType input, Layer layer) {
    return new Reached(layer.getClass().getSimpleName(), input, layer);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void ofLayers(Reached reached) {
    boolean sequence =
        reached.input == SEQUENCES && !(reached.layers.get(0) instanceof GlobalPoolingLayer);
    NeuralNetConfiguration.ListBuilder list = configuration(new Sgd(0.1)).list();
    for (Layer layer : reached.layers) {
      list.layer(layer);
    }
    if (sequence) {
      list.layer(new RnnOutputLayer.Builder(LossFunction.MSE).nOut(2).build());
    } else {
      list.layer(new OutputLayer.Builder(LossFunction.MSE).nOut(2).build());
    }
    MultiLayerNetwork network = network(list.setInputType(reached.input).build());
    INDArray features = features(reached.input);
    long[] outputs = network.output(features).shape();

    assertAccounted(network, new DataSet(features, Nd4j.rand(DataType.FLOAT, outputs)));
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void ofActivations(Activation activation) {
    MultiLayerNetwork network =
        network(
            configuration(new Sgd(0.1))
                .list()
                .layer(new DenseLayer.Builder().nOut(5).build())
                .layer(new ActivationLayer.Builder().activation(activation).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE).nOut(2).build())
                .setInputType(ROWS)
                .build());

    assertAccounted(network, rows(2));
  }

  @ParameterizedTest
  @EnumSource(LossFunction.class)
  void ofLosses(LossFunction loss) {
    MultiLayerNetwork network =
        network(
            configuration(new Sgd(0.1))
                .list()
                .layer(new DenseLayer.Builder().nOut(5).build())
                .layer(
                    new OutputLayer.Builder(loss).activation(activationFor(loss)).nOut(2).build())
                .setInputType(ROWS)
                .build());

    DataSet data = rows(2);
    if (loss == LossFunction.SPARSE_MCXENT) {
      data.setLabels(Nd4j.createFromArray(new float[][] {{0}, {1}, {1}}));
    }
    assertAccounted(network, data);
  }

  /** DL4J refuses multi-class losses on anything but softmax. */
  private static Activation activationFor(LossFunction loss) {
    return switch (loss) {
      case MCXENT, SPARSE_MCXENT, NEGATIVELOGLIKELIHOOD -> Activation.SOFTMAX;
      default -> Activation.SIGMOID;
    };
  }

  /** But for AdaBelief, which fails in this release of DL4J before it executes anything. */
  static Stream<IUpdater> updaters() {
    return Stream.of(
        new Sgd(0.1),
        new Adam(0.1),
        new AdaMax(0.1),
        new AdaDelta(),
        new AdaGrad(0.1),
        new AMSGrad(0.1),
        new Nadam(0.1),
        new Nesterovs(0.1),
        new RmsProp(0.1),
        new NoOp());
  }

  @ParameterizedTest
  @MethodSource("updaters")
  void ofUpdaters(IUpdater updater) {
    MultiLayerNetwork network =
        network(
            configuration(updater)
                .list()
                .layer(new DenseLayer.Builder().nOut(5).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE).nOut(2).build())
                .setInputType(ROWS)
                .build());

    assertAccounted(network, rows(2));
  }

  @ParameterizedTest
  @EnumSource(WeightInit.class)
  void ofInitializations(WeightInit init) {
    if (init == WeightInit.DISTRIBUTION) {
      return; // needs a distribution, which draws like the others
    }
    LedgerSnapshot counted =
        Counted.during(
            () ->
                network(
                    configuration(new Sgd(0.1))
                        .list()
                        .layer(new DenseLayer.Builder().nIn(4).nOut(4).weightInit(init).build())
                        .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(4).nOut(2).build())
                        .build()));

    assertThat(counted.unaccounted()).isEmpty();
    assertThat(counted.accountingErrors()).isZero();
  }

  @Test
  void ofEmbeddings() {
    MultiLayerNetwork tokens =
        network(
            configuration(new Adam(0.1))
                .list()
                .layer(new EmbeddingLayer.Builder().nIn(7).nOut(4).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(4).nOut(2).build())
                .build());
    MultiLayerNetwork sequences =
        network(
            configuration(new Adam(0.1))
                .list()
                .layer(new EmbeddingSequenceLayer.Builder().nIn(7).nOut(4).build())
                .layer(new GlobalPoolingLayer.Builder(PoolingType.AVG).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(4).nOut(2).build())
                .build());
    INDArray labels = Nd4j.rand(DataType.FLOAT, 2, 2);

    assertAccounted(tokens, new DataSet(Nd4j.createFromArray(new float[][] {{1}, {6}}), labels));
    assertAccounted(
        sequences, new DataSet(Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}}), labels));
  }

  private static void assertAccounted(MultiLayerNetwork network, DataSet data) {
    LedgerSnapshot counted =
        Counted.during(
            () -> {
              network.fit(data);
              network.output(data.getFeatures());
            });

    assertThat(counted.unaccounted()).isEmpty();
    assertThat(counted.accountingErrors()).isZero();
    assertThat(counted.flops()).isPositive();
  }

  private static NeuralNetConfiguration.Builder configuration(IUpdater updater) {
    return new NeuralNetConfiguration.Builder().seed(7).updater(updater);
  }

  private static MultiLayerNetwork network(MultiLayerConfiguration configuration) {
    MultiLayerNetwork network = new MultiLayerNetwork(configuration);
    network.init();
    return network;
  }

  private static DataSet rows(int outputs) {
    return new DataSet(features(ROWS), Nd4j.rand(DataType.FLOAT, 3, outputs).addi(0.1));
  }

  private static INDArray features(InputType input) {
    long[] shape = input.getShape();
    long[] batch = new long[shape.length + 1];
    batch[0] = 3;
    System.arraycopy(shape, 0, batch, 1, shape.length);
    return Nd4j.rand(DataType.FLOAT, batch);
  }
}
