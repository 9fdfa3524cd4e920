package org.ergometer.accounting.predict;

import java.math.BigInteger;

/**
 * Bytes that training in float32 holds at once: parameters, their gradients and the optimizer's
 * state exactly, activations as an estimate.
 *
 * @param activations tensors that the forward pass keeps for the backward pass; an estimate, since
 *     buffers that come and go within a layer are not in it
 */
public record TrainingMemory(
    BigInteger parameters, BigInteger gradients, BigInteger optimizer, BigInteger activations) {

  private static final long FLOAT32_BYTES = 4;
  private static final int ADAM_MOMENTS = 2;

  /**
   * The memory of training with Adam.
   *
   * @param sequences B, of one micro-batch
   */
  public static TrainingMemory of(TransformerShape shape, long sequences, Recompute recompute) {
    return of(shape, sequences, recompute, ADAM_MOMENTS);
  }

  /**
   * The memory of training.
   *
   * @param sequences B, of one micro-batch
   * @param states elements that the optimizer keeps for each parameter
   */
  public static TrainingMemory of(
      TransformerShape shape, long sequences, Recompute recompute, int states) {
    BigInteger parameters = bytes(BigInteger.valueOf(shape.parameters()));
    return new TrainingMemory(
        parameters,
        parameters,
        parameters.multiply(BigInteger.valueOf(states)),
        bytes(activations(shape, sequences, recompute)));
  }

  /** All of it. */
  public BigInteger total() {
    return parameters.add(gradients).add(optimizer).add(activations);
  }

  /**
   * Elements that are kept: of a block its input, both norms' outputs, queries, keys and values,
   * attention's weights (H·T² of a sequence) and sums, and the hidden layer before and after its
   * activation; of the head its input, logits and log-probabilities. Where everything is recomputed
   * a block keeps its input, and one block at a time has the rest.
   */
  private static BigInteger activations(
      TransformerShape shape, long sequences, Recompute recompute) {
    BigInteger rows = product(sequences, shape.context());
    BigInteger input = rows.multiply(product(shape.width()));
    BigInteger weights = rows.multiply(product(shape.heads(), shape.context()));
    BigInteger others =
        rows.multiply(
            product(shape.width())
                .multiply(product(1L + shape.blockNorms()))
                .add(product(shape.qkvWidth()))
                .add(product(shape.attentionWidth()))
                .add(
                    product(
                        shape.activeExperts(),
                        shape.activation().matrices(),
                        shape.feedForward())));
    BigInteger head = input.add(rows.multiply(product(2, shape.vocabulary())));
    BigInteger layers = product(shape.layers());
    return switch (recompute) {
      case NONE -> layers.multiply(input.add(others).add(weights)).add(head);
      case ATTENTION -> layers.multiply(input.add(others)).add(weights).add(head);
      case FULL -> layers.multiply(input).add(others).add(weights).add(head);
    };
  }

  private static BigInteger bytes(BigInteger elements) {
    return elements.multiply(BigInteger.valueOf(FLOAT32_BYTES));
  }

  private static BigInteger product(long... factors) {
    BigInteger product = BigInteger.ONE;
    for (long factor : factors) {
      product = product.multiply(BigInteger.valueOf(factor));
    }
    return product;
  }
}
