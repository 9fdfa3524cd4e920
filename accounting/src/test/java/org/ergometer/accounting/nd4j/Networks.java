package org.ergometer.accounting.nd4j;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small networks of DL4J's own layers, with data to train them on; the same in every process. */
final class Networks {

  private static final long SEED = 7;

  private Networks() {}

  static MultiLayerNetwork lstm() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            configuration()
                .list()
                .layer(new LSTM.Builder().name("memory").nIn(3).nOut(5).build())
                .layer(
                    new RnnOutputLayer.Builder(LossFunction.MCXENT)
                        .name("head")
                        .activation(Activation.SOFTMAX)
                        .nIn(5)
                        .nOut(4)
                        .build())
                .build());
    network.init();
    return network;
  }

  /** Two sequences of six steps with three features, and one class of four at each step. */
  static DataSet sequences() {
    Nd4j.getRandom().setSeed(SEED);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, 2, 4, 6);
    for (int step = 0; step < 6; step++) {
      labels.putScalar(0, step % 4, step, 1);
      labels.putScalar(1, (step + 1) % 4, step, 1);
    }
    return new DataSet(Nd4j.rand(DataType.FLOAT, 2, 3, 6), labels);
  }

  static MultiLayerNetwork convolutional() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            configuration()
                .list()
                .layer(
                    new ConvolutionLayer.Builder(3, 3)
                        .name("filters")
                        .nOut(4)
                        .activation(Activation.RELU)
                        .build())
                .layer(new SubsamplingLayer.Builder().name("pool").kernelSize(2, 2).build())
                .layer(
                    new DenseLayer.Builder()
                        .name("dense")
                        .nOut(6)
                        .activation(Activation.TANH)
                        .build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .name("head")
                        .activation(Activation.SOFTMAX)
                        .nOut(3)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build());
    network.init();
    return network;
  }

  /** Five images of 8×8, one class of three each. */
  static DataSet images() {
    Nd4j.getRandom().setSeed(SEED);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, 5, 3);
    for (int image = 0; image < 5; image++) {
      labels.putScalar(image, image % 3, 1);
    }
    return new DataSet(Nd4j.rand(DataType.FLOAT, 5, 1, 8, 8), labels);
  }

  static ComputationGraph graph() {
    ComputationGraph graph =
        new ComputationGraph(
            configuration()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                    "wide",
                    new DenseLayer.Builder().nIn(6).nOut(8).activation(Activation.RELU).build(),
                    "in")
                .addLayer(
                    "narrow",
                    new DenseLayer.Builder().nIn(6).nOut(2).activation(Activation.TANH).build(),
                    "in")
                .addLayer(
                    "head",
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nIn(10)
                        .nOut(3)
                        .build(),
                    "wide",
                    "narrow")
                .setOutputs("head")
                .build());
    graph.init();
    return graph;
  }

  /** Five rows of six features, one class of three each. */
  static DataSet rows() {
    Nd4j.getRandom().setSeed(SEED);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, 5, 3);
    for (int row = 0; row < 5; row++) {
      labels.putScalar(row, row % 3, 1);
    }
    return new DataSet(Nd4j.rand(DataType.FLOAT, 5, 6), labels);
  }

  private static NeuralNetConfiguration.Builder configuration() {
    return new NeuralNetConfiguration.Builder()
        .seed(SEED)
        .dataType(DataType.FLOAT)
        .l2(1e-3)
        .updater(new Adam(1e-2));
  }
}
