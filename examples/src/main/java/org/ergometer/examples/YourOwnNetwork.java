package org.ergometer.examples;

import java.util.Locale;
import java.util.Random;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerTable;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.nd4j.LayerScopes;
import org.ergometer.accounting.nd4j.PhaseListener;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/**
 * The accounting under an ordinary DL4J network of built-in layers: an LSTM that learns to tell
 * rising from falling noisy series.
 */
public final class YourOwnNetwork {

  private static final int SERIES = 32;
  private static final int STEPS = 20;
  private static final int BATCHES = 50;
  private static final double NOISE = 0.3;
  private static final long SEED = 1;

  private YourOwnNetwork() {}

  public static void main(String[] arguments) {
    MultiLayerNetwork network = network();
    Ledger ledger = new Ledger();

    // The accounting: these lines, and the jar on the class path.
    LayerScopes.install(network);
    try (Accounting accounting = Accounting.start(ledger);
        PhaseListener phases = new PhaseListener()) {
      network.addListeners(phases);
      train(network);
    }

    System.out.println(LedgerTable.of(ledger.snapshot()));
  }

  private static void train(MultiLayerNetwork network) {
    Random random = new Random(SEED);
    for (int batch = 0; batch < BATCHES; batch++) {
      network.fit(series(random));
    }
    System.out.printf(Locale.ROOT, "Loss after %d batches: %.3f%n%n", BATCHES, network.score());
  }

  private static MultiLayerNetwork network() {
    MultiLayerConfiguration configuration =
        new NeuralNetConfiguration.Builder()
            .seed(SEED)
            .updater(new Adam(0.01))
            .list()
            .layer(new LSTM.Builder().name("lstm").nOut(16).activation(Activation.TANH).build())
            .layer(new GlobalPoolingLayer.Builder().name("pooling").build())
            .layer(
                new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                    .name("classifier")
                    .nOut(2)
                    .activation(Activation.SOFTMAX)
                    .build())
            .setInputType(InputType.recurrent(1, STEPS))
            .build();
    MultiLayerNetwork network = new MultiLayerNetwork(configuration);
    network.init();
    return network;
  }

  /** Series [32, 1, 20] that rise or fall, and which of the two [32, 2]. */
  private static DataSet series(Random random) {
    INDArray features = Nd4j.create(SERIES, 1, STEPS);
    INDArray labels = Nd4j.create(SERIES, 2);
    for (int row = 0; row < SERIES; row++) {
      int rising = random.nextInt(2);
      labels.putScalar(row, rising, 1);
      for (int step = 0; step < STEPS; step++) {
        double trend = (rising == 1 ? step : STEPS - step) / (double) STEPS;
        features.putScalar(row, 0, step, trend + NOISE * random.nextGaussian());
      }
    }
    return new DataSet(features, labels);
  }
}
