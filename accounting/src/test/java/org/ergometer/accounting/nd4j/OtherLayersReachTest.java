package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.MinMaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.constraint.UnitNormConstraint;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleStrengthLayer;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
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
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * What {@link ReachTest} leaves: the rest of DL4J's layers, and what is applied to weights and
 * gradients. Together they hold every layer class that the release has.
 */
@SuppressWarnings("deprecation") // GravesBidirectionalLSTM is deprecated, and used
class OtherLayersReachTest {

  private static final InputType IMAGES = InputType.convolutional(8, 8, 2);
  private static final InputType VOLUMES =
      InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 4, 4, 4, 2);
  private static final InputType SEQUENCES = InputType.recurrent(4, 6);
  private static final InputType ROWS = InputType.feedForward(4);

  /** Layers that cannot be run, each with why. */
  private static final Set<String> EXCUSED =
      Set.of(
          "LearnedSelfAttentionLayer", // its multi_head_dot_product_attention_bp fails natively
          "Convolution1D", // a name that inherits from Convolution1DLayer
          "Convolution2D", // a name that inherits from ConvolutionLayer
          "Pooling1D", // a name that inherits from Subsampling1DLayer
          "Pooling2D"); // a name that inherits from SubsamplingLayer

  private record Reached(String name, InputType input, List<Layer> layers) {

    @Override
    public String toString() {
      return name;
    }
  }

  private static Reached of(InputType input, Layer... layers) {
    return new Reached(layers[0].getClass().getSimpleName(), input, List.of(layers));
  }

  static Stream<Reached> layers() {
    return Stream.of(images(), volumes(), sequences(), rows()).flatMap(reached -> reached);
  }

  private static Stream<Reached> images() {
    Layer convolution = new ConvolutionLayer.Builder(3, 3).nOut(3).build();
    return Stream.of(
        of(IMAGES, new SpaceToBatchLayer.Builder<>(new int[] {2, 2}).build(), output()),
        of(IMAGES, new LocallyConnected2D.Builder().kernelSize(3, 3).nOut(3).build(), output()),
        of(
            IMAGES,
            new PrimaryCapsules.Builder(2, 2).kernelSize(3, 3).stride(2, 2).build(),
            new CapsuleLayer.Builder(3, 2, 1).build(),
            new CapsuleStrengthLayer.Builder().build(),
            new LossLayer.Builder(LossFunction.MSE).build()),
        of(IMAGES, new FrozenLayer(convolution), output()),
        of(IMAGES, convolution, new CnnLossLayer.Builder(LossFunction.MSE).build()),
        of(
            IMAGES,
            new ConvolutionLayer.Builder(1, 1).nOut(7).build(),
            new Yolo2OutputLayer.Builder()
                .boundingBoxPriors(Nd4j.createFromArray(new float[][] {{2, 2}}))
                .build()));
  }

  /**
   * What declares its output in another format than it computes it in is followed by no product.
   */
  private static Stream<Reached> volumes() {
    Layer convolution = new Convolution3D.Builder(2, 2, 2).nOut(2).build();
    return Stream.of(
        of(VOLUMES, new Deconvolution3D.Builder().kernelSize(2, 2, 2).nOut(2).build(), output()),
        of(VOLUMES, new Cropping3D(1, 1, 1), output()),
        of(VOLUMES, convolution, volumeLoss()),
        of(
            VOLUMES,
            convolution,
            new Upsampling3D.Builder(Convolution3D.DataFormat.NCDHW, 2).build(),
            volumeLoss()),
        of(VOLUMES, convolution, new ZeroPadding3DLayer.Builder(1).build(), volumeLoss()));
  }

  private static Stream<Reached> sequences() {
    Layer lstm = new LSTM.Builder().nOut(3).build();
    return Stream.of(
        of(SEQUENCES, new Subsampling1DLayer.Builder(PoolingType.MAX, 2).build(), rnnOutput()),
        of(SEQUENCES, new Upsampling1D.Builder(2).build(), rnnOutput()),
        of(SEQUENCES, new ZeroPadding1DLayer(1), rnnOutput()),
        of(SEQUENCES, new Cropping1D(1), rnnOutput()),
        of(SEQUENCES, new LocallyConnected1D.Builder().kernelSize(2).nOut(3).build(), rnnOutput()),
        of(SEQUENCES, new GravesBidirectionalLSTM.Builder().nOut(3).build(), rnnOutput()),
        of(SEQUENCES, new LastTimeStep(lstm), output()),
        of(SEQUENCES, new TimeDistributed(new DenseLayer.Builder().nOut(3).build()), rnnOutput()),
        of(SEQUENCES, new MaskLayer(), rnnOutput()),
        of(SEQUENCES, new MaskZeroLayer.Builder().setUnderlying(lstm).build(), rnnOutput()),
        of(SEQUENCES, lstm, new RnnLossLayer.Builder(LossFunction.MSE).build()));
  }

  private static Stream<Reached> rows() {
    Layer dense = new DenseLayer.Builder().nOut(5).build();
    return Stream.of(
        of(ROWS, new DropoutLayer.Builder(0.5).build(), output()),
        of(ROWS, new RepeatVector.Builder<>(3).build(), rnnOutput()),
        of(ROWS, new FrozenLayerWithBackprop(dense), output()),
        of(ROWS, dense, new LossLayer.Builder(LossFunction.MSE).build()),
        of(
            ROWS,
            dense,
            new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nOut(2)
                .build()),
        of(ROWS, new AutoEncoder.Builder().nOut(3).build(), output()),
        of(
            ROWS,
            new VariationalAutoencoder.Builder()
                .encoderLayerSizes(5)
                .decoderLayerSizes(5)
                .nOut(3)
                .build(),
            output()));
  }

  private static Layer output() {
    return new OutputLayer.Builder(LossFunction.MSE).nOut(2).build();
  }

  private static Layer volumeLoss() {
    return new Cnn3DLossLayer.Builder(Convolution3D.DataFormat.NCDHW)
        .lossFunction(LossFunction.MSE)
        .build();
  }

  private static Layer rnnOutput() {
    return new RnnOutputLayer.Builder(LossFunction.MSE).nOut(2).build();
  }

  @ParameterizedTest
  @MethodSource("layers")
  void ofLayers(Reached reached) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder().seed(7).updater(new Sgd(0.1)).list();
    reached.layers.forEach(list::layer);
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(reached.input).build());
    network.init();
    INDArray features = features(reached.input);
    long[] labels = network.output(features).shape();
    if (reached.layers.get(reached.layers.size() - 1) instanceof Yolo2OutputLayer) {
      labels[1] = 4 + 2;
    }

    assertAccounted(network, new DataSet(features, Nd4j.rand(DataType.FLOAT, labels)));
  }

  /** Layers that are trained by themselves before the network. */
  @Test
  void ofPretraining() {
    for (Layer layer :
        List.of(
            new AutoEncoder.Builder().nOut(3).build(),
            new VariationalAutoencoder.Builder()
                .encoderLayerSizes(5)
                .decoderLayerSizes(5)
                .nOut(3)
                .build())) {
      MultiLayerNetwork network = network(layer);
      INDArray features = features(ROWS);

      LedgerSnapshot counted = Counted.during(() -> network.pretrainLayer(0, features));

      assertThat(counted.unaccounted()).as(layer.getClass().getSimpleName()).isEmpty();
      assertThat(counted.accountingErrors()).isZero();
      assertThat(counted.flops()).isPositive();
    }
  }

  static Stream<LayerConstraint> constraints() {
    return Stream.of(
        new MaxNormConstraint(0.1, 1),
        new MinMaxNormConstraint(0.1, 0.5, 1),
        new NonNegativeConstraint(),
        new UnitNormConstraint(1));
  }

  @ParameterizedTest
  @MethodSource("constraints")
  void ofConstraints(LayerConstraint constraint) {
    assertRowsAccounted(new DenseLayer.Builder().nOut(5).constrainWeights(constraint).build());
  }

  static Stream<IWeightNoise> weightNoises() {
    return Stream.of(
        new DropConnect(0.5),
        new WeightNoise(new NormalDistribution(0, 0.1)),
        new WeightNoise(new NormalDistribution(1, 0.1), false));
  }

  @ParameterizedTest
  @MethodSource("weightNoises")
  void ofWeightNoise(IWeightNoise noise) {
    assertRowsAccounted(new DenseLayer.Builder().nOut(5).weightNoise(noise).build());
  }

  @ParameterizedTest
  @EnumSource(GradientNormalization.class)
  void ofGradientNormalization(GradientNormalization normalization) {
    assertRowsAccounted(
        new DenseLayer.Builder()
            .nOut(5)
            .gradientNormalization(normalization)
            .gradientNormalizationThreshold(1e-3)
            .build());
  }

  /** A layer that neither test runs is not known to be accounted. */
  @Test
  void everyLayerOfTheReleaseIsReached() throws IOException, URISyntaxException {
    Set<String> reached = new HashSet<>(EXCUSED);
    Stream.concat(
            layers().flatMap(each -> each.layers.stream()), ReachTest.reachedLayers().stream())
        .forEach(layer -> reached.add(layer.getClass().getSimpleName()));

    assertThat(layersOfTheRelease().stream().filter(name -> !reached.contains(name))).isEmpty();
  }

  private static List<String> layersOfTheRelease() throws IOException, URISyntaxException {
    Path jar =
        Path.of(DenseLayer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> names = new ArrayList<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : file.stream().toList()) {
        String name = entry.getName();
        if (name.startsWith("org/deeplearning4j/nn/conf/layers/")
            && name.endsWith(".class")
            && !name.contains("$")
            && !name.contains("/samediff/")) { // for people to inherit from
          Class<?> type = classOf(name);
          if (Layer.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers())) {
            names.add(type.getSimpleName());
          }
        }
      }
    }
    assertThat(names).hasSizeGreaterThan(50);
    return names;
  }

  private static Class<?> classOf(String entry) {
    try {
      return Class.forName(
          entry.substring(0, entry.length() - ".class".length()).replace('/', '.'));
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertRowsAccounted(Layer layer) {
    assertAccounted(network(layer), new DataSet(features(ROWS), Nd4j.rand(DataType.FLOAT, 4, 2)));
  }

  private static MultiLayerNetwork network(Layer layer) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(7)
                .updater(new Sgd(0.1))
                .list()
                .layer(layer)
                .layer(output())
                .setInputType(ROWS)
                .build());
    network.init();
    return network;
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

  private static INDArray features(InputType input) {
    long[] shape = input.getShape();
    long[] batch = new long[shape.length + 1];
    batch[0] = 4;
    System.arraycopy(shape, 0, batch, 1, shape.length);
    return Nd4j.rand(DataType.FLOAT, batch);
  }
}
