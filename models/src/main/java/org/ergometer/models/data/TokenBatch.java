package org.ergometer.models.data;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Inputs and targets of one step: two int32 arrays [B, T] that are allocated once and refilled.
 *
 * <p>Row b of the targets is row b of the inputs moved on by one token.
 */
public final class TokenBatch {

  private final int[] inputTokens;
  private final int[] targetTokens;
  private final int context;
  private final INDArray inputs;
  private final INDArray targets;

  TokenBatch(int batch, int context) {
    this.context = context;
    this.inputTokens = new int[Math.multiplyExact(batch, context)];
    this.targetTokens = new int[inputTokens.length];
    this.inputs = Nd4j.createUninitializedDetached(DataType.INT32, batch, context);
    this.targets = Nd4j.createUninitializedDetached(DataType.INT32, batch, context);
  }

  /** Tokens [B, T]; overwritten when the batch is refilled. */
  public INDArray inputs() {
    return inputs;
  }

  /** Next tokens [B, T]; overwritten when the batch is refilled. */
  public INDArray targets() {
    return targets;
  }

  /** Number of tokens in the batch, B · T. */
  public int tokens() {
    return inputTokens.length;
  }

  /** Number of windows in the batch, B. */
  int windows() {
    return inputTokens.length / context;
  }

  /** The largest id among inputs and targets; an id below zero counts as larger than all others. */
  public int largest() {
    int largest = 0;
    for (int index = 0; index < inputTokens.length; index++) {
      largest = larger(largest, larger(inputTokens[index], targetTokens[index]));
    }
    return largest;
  }

  private static int larger(int one, int other) {
    return Integer.compareUnsigned(one, other) < 0 ? other : one;
  }

  /** Puts the window of {@code source} that starts at {@code offset} into a row. */
  void setRow(int row, TokenSequence source, long offset) {
    source.copy(offset, inputTokens, row * context, context);
    source.copy(offset + 1, targetTokens, row * context, context);
  }

  /** Moves the rows into the arrays. */
  void flush() {
    inputs.data().setData(inputTokens);
    targets.data().setData(targetTokens);
  }
}
