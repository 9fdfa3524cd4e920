package org.ergometer.accounting.predict;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bytes that training holds at once: parameters, their gradients and the optimizer's state exactly,
 * activations as an estimate.
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

  public BigInteger parameters() {
    return product(shape.parameters(), format.value());
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
   * What the forward pass keeps for the backward pass; an estimate, since buffers that come and go
   * within a layer are not in it.
   *
   * <p>Of a block its input, both norms' outputs, queries, keys and values, attention's weights
   * (H·T² of a sequence) and sums, and the hidden layer before and after its activation; of the
   * head its input, logits and log-probabilities. Where everything is recomputed a block keeps its
   * input, and one block at a time has the rest.
   */
  public BigInteger activations() {
    BigInteger rows = product(sequences, shape.context());
    BigInteger input = rows.multiply(product(shape.width()));
    BigInteger weights = rows.multiply(product(shape.heads(), shape.context()));
    BigInteger outside =
        rows.multiply(
            product(shape.width(), 1L + shape.blockNorms()).add(product(keptByAttention())));
    int dense = shape.denseLayers();
    long matrices = shape.activation().matrices();
    BigInteger first = rows.multiply(product(matrices, shape.denseFeedForward()));
    BigInteger rest =
        rows.multiply(
            product(
                (long) shape.activeExperts() + shape.sharedExperts(),
                matrices,
                shape.feedForward()));
    BigInteger hidden =
        first.multiply(product(dense)).add(rest.multiply(product(shape.layers() - dense)));
    BigInteger others = outside.add(first.max(rest));
    BigInteger head = input.add(rows.multiply(product(2, shape.vocabulary())));
    BigInteger layers = product(shape.layers());
    BigInteger elements =
        switch (recompute) {
          case NONE -> layers.multiply(input.add(outside).add(weights)).add(hidden).add(head);
          case ATTENTION -> layers.multiply(input.add(outside)).add(hidden).add(weights).add(head);
          case FULL -> layers.multiply(input).add(others).add(weights).add(head);
        };
    return elements.multiply(product(format.activation()));
  }

  /**
   * Channels of a token: queries, keys, values and the sums over values; in latent attention also
   * both sides of the norms of the vectors that these come from.
   */
  private long keptByAttention() {
    LatentAttention latent = shape.latent();
    return latent == null
        ? shape.qkvWidth() + shape.attentionWidth()
        : 2 * (shape.queryWidth() + shape.valueWidth())
            + 2L * ((long) latent.queryRank() + latent.keyValueRank());
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
