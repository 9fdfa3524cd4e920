package org.ergometer.accounting.nd4j;

import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains under {@link NativeCallAgent} and prints what native code was called and what was counted
 * meanwhile, for {@link NativeCallProofTest} in another process.
 */
final class LoggedTraining {

  private LoggedTraining() {}

  public static void main(String[] arguments) {
    NativeCallProof.log(work());
  }

  /** Full training steps of three networks, and BLAS, which those do not call by themselves. */
  private static Runnable work() {
    var lstm = Networks.lstm();
    var convolutional = Networks.convolutional();
    var graph = Networks.graph();
    var sequences = Networks.sequences();
    var images = Networks.images();
    var rows = Networks.rows();
    var row = Nd4j.rand(1, 5);
    var column = Nd4j.rand(5, 1);
    return () -> {
      lstm.fit(sequences);
      convolutional.fit(images);
      graph.fit(rows);
      row.mmul(column);
      row.unsafeDuplication();
      Nd4j.pullRows(column, 1, 0, 2);
    };
  }
}
