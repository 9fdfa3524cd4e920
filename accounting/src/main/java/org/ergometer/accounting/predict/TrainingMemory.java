package org.ergometer.accounting.predict;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bytes that training holds at once from step to step, or from the forward to the backward pass:
 * exactly for the shapes that this project's trainer offers, on the CPU. Of others activations are
 * an estimate.
 *
 * @param shape of the model
 * @param sequences B, of one micro-batch
 * @param recompute what the forward pass does not keep
 * @param states elements that the optimizer has for each parameter
 * @param further elements that it has for the model beside those
 * @param format bytes of each element
 */
public record TrainingMemory(
    TransformerShape shape,
    long sequences,
    Recompute recompute,
    int states,
    long further,
    MemoryFormat format) {

  private static final int ADAM_MOMENTS = 2;

  /** Bytes of Adam's training in 16 bit with copies in 32, for each parameter. */
  private static final int ZERO_BYTES = 16;

  /** The memory of training in float32 with Adam. */
  public static TrainingMemory of(TransformerShape shape, long sequences, Recompute recompute) {
    return of(shape, sequences, recompute, ADAM_MOMENTS, 0);
  }

  /** The memory of training in float32. */
  public static TrainingMemory of(
      TransformerShape shape, long sequences, Recompute recompute, int states, long further) {
    return new TrainingMemory(shape, sequences, recompute, states, further, MemoryFormat.FLOAT32);
  }

  /** The same in other formats. */
  public TrainingMemory in(MemoryFormat other) {
    return new TrainingMemory(shape, sequences, recompute, states, further, other);
  }

  /** The same with other recomputation. */
  public TrainingMemory with(Recompute other) {
    return new TrainingMemory(shape, sequences, other, states, further, format);
  }

  /** Where products take rounded weights, those too. */
  public BigInteger parameters() {
    return product(shape.parameters(), format.value())
        .add(product(multipliedWeights(), format.rounded()));
  }

  /** Weights of all products: of matrices without embeddings, but for a tied one. */
  private long multipliedWeights() {
    long embedding = (long) shape.vocabulary() * shape.width();
    long positions = (long) shape.positionRows() * shape.width();
    return shape.matrixParameters() - positions - (shape.tied() ? 0 : embedding);
  }

  public BigInteger gradients() {
    return product(shape.parameters(), format.value());
  }

  /** The optimizer's state, and its own copy of the parameters where it has one. */
  public BigInteger optimizer() {
    return product(shape.parameters(), format.optimizer(states))
        .add(product(format.state(further)));
  }

  /** All of it. */
  public BigInteger total() {
    return parameters().add(gradients()).add(optimizer()).add(activations());
  }

  /**
   * What the forward pass keeps for the backward pass, what layers hand on included; without the
   * buffers that come and go within a layer.
   *
   * <p>Of a block its norms' outputs and what they take from their inputs; queries, keys and
   * values, attention's weights (H·T² of a sequence, less what {@link CausalBlocks} leave out) and
   * sums; the hidden layer before and after its function; and what both halves hand on, which is
   * all where everything is recomputed. Of the head its input and the logits.
   */
  public BigInteger activations() {
    return KeptActivations.of(shape, sequences, recompute).bytes(format);
  }

  /**
   * The same by published formulas for 16 bit, by name: L·T·B·d·(34 + 5·H·T/d) for activations, the
   * same without the second term where attention alone is recomputed, and 2·L·T·B·d where
   * everything is (Korthikanti et al. 2022, table 2, on one device; f = 4·d is taken for granted);
   * 16 bytes a parameter for all the rest (Rajbhandari et al. 2020, section 3.1).
   */
  public Map<String, BigInteger> published() {
    BigInteger tokens = product(shape.layers(), sequences, shape.context());
    Map<String, BigInteger> bytes = new LinkedHashMap<>();
    bytes.put(
        "korthikanti_activations",
        tokens.multiply(
            product(34, shape.width()).add(product(5, shape.heads(), shape.context()))));
    bytes.put(
        "korthikanti_activations_recompute_attention", tokens.multiply(product(34, shape.width())));
    bytes.put("korthikanti_activations_recompute_full", tokens.multiply(product(2, shape.width())));
    bytes.put("zero_model_states", product(ZERO_BYTES, shape.parameters()));
    return bytes;
  }

  private static BigInteger product(long... factors) {
    BigInteger product = BigInteger.ONE;
    for (long factor : factors) {
      product = product.multiply(BigInteger.valueOf(factor));
    }
    return product;
  }
}
