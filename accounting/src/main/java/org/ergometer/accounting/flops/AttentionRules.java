package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.TensorSpec;

/**
 * Attention as one native op, counting what it does inside: {@code S} scores, {@code k} and {@code
 * v} widths of a key and a value.
 *
 * <p>Tensors are [batch, (heads,) width, time]: time is the last extent, width the one before.
 */
final class AttentionRules {

  private static final long SOFTMAX =
      Arithmetic.flops("m = max(m, x); e = exp(x - m); s + e; e / s");
  private static final long SOFTMAX_GRADIENT =
      Arithmetic.flops("m = max(m, x); e = exp(x - m); s + e; y = e / s; t + g * y; y * (g - t)");
  private static final long SCALE = Arithmetic.flops("x / r");
  private static final long MASKED = Arithmetic.flops("x + b");
  private static final long MASK = Arithmetic.flops("(m - 1) * c");

  private AttentionRules() {}

  static List<OpRule> all() {
    return new RuleList(OpFamily.CUSTOM, OpClass.ATTENTION)
        .all(
            AttentionRules::forward,
            "2·S·k + 2·S·v for both products; softmax 5·S; scaling S; mask S, and 2 an element of it",
            "dot_product_attention")
        .all(
            AttentionRules::backward,
            "scores, mask and softmax again; two products for each of both; softmax_bp 9·S;"
                + " scaling 2·S",
            "dot_product_attention_bp")
        .all(
            AttentionRules::multiHead,
            "projections 2·positions·weights; attention per head; output projection",
            "multi_head_dot_product_attention")
        .all(
            AttentionRules::multiHeadBackward,
            "projections and attention again; two products for each product",
            "multi_head_dot_product_attention_bp")
        .rules();
  }

  /** Inputs: queries, keys, values, mask or none; first integer argument: whether to scale. */
  private static long forward(OpDescriptor op) {
    TensorSpec queries = op.input(0);
    long scores = scores(queries.length(), queries.size(-2), op.input(1).size(-1));
    return attention(op, scores, queries.size(-2), op.input(2).size(-2), 3);
  }

  /** Inputs: queries, keys, values, gradient, mask or none. */
  private static long backward(OpDescriptor op) {
    TensorSpec queries = op.input(0);
    long scores = scores(queries.length(), queries.size(-2), op.input(1).size(-1));
    return attentionGradient(op, scores, queries.size(-2), op.input(2).size(-2), 4);
  }

  /** Inputs: queries, keys, values, weights of queries, keys, values and output, mask or none. */
  private static long multiHead(OpDescriptor op) {
    long attention = attention(op, headScores(op), op.input(3).size(1), op.input(5).size(1), 7);
    return Extent.sum(projections(op, 2), outputProjection(op, 2), attention);
  }

  /** The gradient follows the output weights; the output projection is not computed again. */
  private static long multiHeadBackward(OpDescriptor op) {
    long scores = headScores(op);
    long keyWidth = op.input(3).size(1);
    long valueWidth = op.input(5).size(1);
    long again = attention(op, scores, keyWidth, valueWidth, 8);
    long gradient = attentionGradient(op, scores, keyWidth, valueWidth, 8);
    return Extent.sum(
        Extent.sum(projections(op, 6), outputProjection(op, 4)), Extent.sum(again, gradient));
  }

  /**
   * Scores, softmax and their product with the values; the mask is the input {@code mask}, if any.
   */
  private static long attention(
      OpDescriptor op, long scores, long keyWidth, long valueWidth, int mask) {
    long products = Extent.product(2, Extent.sum(keyWidth, valueWidth));
    long perScore = SOFTMAX + (scaled(op) ? SCALE : 0);
    return Extent.sum(
        Extent.product(scores, Extent.sum(products, perScore)), masking(op, scores, mask));
  }

  /** Scores and softmax again, then the gradients of both and of the product with the values. */
  private static long attentionGradient(
      OpDescriptor op, long scores, long keyWidth, long valueWidth, int mask) {
    long products = Extent.sum(Extent.product(3 * 2, keyWidth), Extent.product(2 * 2, valueWidth));
    long perScore = SOFTMAX + SOFTMAX_GRADIENT + (scaled(op) ? 2 * SCALE : 0);
    return Extent.sum(
        Extent.product(scores, Extent.sum(products, perScore)), masking(op, scores, mask));
  }

  /** One mask serves all queries and heads of a sequence: it is prepared once and added to each. */
  private static long masking(OpDescriptor op, long scores, int mask) {
    return op.inputCount() > mask
        ? Extent.sum(Extent.product(MASKED, scores), Extent.product(MASK, op.input(mask).length()))
        : 0;
  }

  private static boolean scaled(OpDescriptor op) {
    return Extent.argument(op, 0, 0) != 0;
  }

  /** Every query position of every sequence and head meets every key position. */
  private static long scores(long queryLength, long width, long keyTime) {
    return Extent.product(Extent.quotient(queryLength, width), keyTime);
  }

  /** Weights are [heads, width of a head, inputs]. */
  private static long headScores(OpDescriptor op) {
    long queryPositions = Extent.quotient(op.input(0).length(), op.input(0).size(-2));
    return Extent.product(queryPositions, op.input(1).size(-1), op.input(3).size(0));
  }

  private static long projections(OpDescriptor op, long factor) {
    long sum = 0;
    for (int operand = 0; operand < 3; operand++) {
      TensorSpec input = op.input(operand);
      long positions = Extent.quotient(input.length(), input.size(-2));
      sum = Extent.sum(sum, Extent.product(factor, positions, op.input(3 + operand).length()));
    }
    return sum;
  }

  private static long outputProjection(OpDescriptor op, long factor) {
    long positions = Extent.quotient(op.input(0).length(), op.input(0).size(-2));
    return Extent.product(factor, positions, op.input(6).length());
  }
}
