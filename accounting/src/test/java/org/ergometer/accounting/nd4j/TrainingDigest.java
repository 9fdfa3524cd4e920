package org.ergometer.accounting.nd4j;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;

/** Trains three networks and prints, bit by bit, what came of it: the same in every process. */
final class TrainingDigest {

  private static final int STEPS = 4;

  private TrainingDigest() {}

  /** Says whether the hook is in, then one line for each network. */
  public static void main(String[] arguments) {
    System.out.println("installed;" + Accounting.installed());
    train().forEach(line -> System.out.println("digest;" + line));
    System.exit(0);
  }

  /** Loss after each step and a hash of all parameters, as bits. */
  static List<String> train() {
    return List.of(
        digest(Networks.lstm(), Networks.sequences()),
        digest(Networks.convolutional(), Networks.images()),
        digest(Networks.graph(), Networks.rows()));
  }

  private static String digest(MultiLayerNetwork network, DataSet data) {
    StringBuilder losses = new StringBuilder();
    for (int step = 0; step < STEPS; step++) {
      network.fit(data);
      losses.append(Double.toHexString(network.score())).append(' ');
    }
    return losses.toString() + Arrays.hashCode(network.params().toFloatVector());
  }

  private static String digest(ComputationGraph network, DataSet data) {
    StringBuilder losses = new StringBuilder();
    for (int step = 0; step < STEPS; step++) {
      network.fit(data);
      losses.append(Double.toHexString(network.score())).append(' ');
    }
    return losses.toString() + Arrays.hashCode(network.params().toFloatVector());
  }
}
