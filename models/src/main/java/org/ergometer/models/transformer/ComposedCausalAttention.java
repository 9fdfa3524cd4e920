package org.ergometer.models.transformer;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.predict.CausalBlocks;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention block of queries by block, each as two batches of products with a softmax between them;
 * the weights are kept for the backward pass. Keys after a block's last query are left out, see
 * {@link CausalBlocks}: no matrix [T, T] is ever made of a long sequence.
 *
 * <p>With G query heads to each head of keys and values there are G batches in place of one: batch
 * g takes the query heads g, g + G, g + 2G … as a view, so that nothing is repeated or copied.
 */
final class ComposedCausalAttention implements CausalAttention {

  private final TensorOps ops;
  private final Views views;
  private final CausalSoftmax softmax;
  private final Kernel scaledProduct;
  private final int headDim;
  private final int groupSize;

  /** Of the last forward pass, in the order of their queries. */
  private final List<Block> saved = new ArrayList<>();

  /**
   * Queries from {@code begin} until {@code end}, Q of them, and what they make of the keys before
   * {@code seen}.
   *
   * @param weights after softmax [B, H, Q, seen]
   */
  private record Block(Views views, long begin, long end, long seen, INDArray weights) {

    /** The queries' part of x [B, .., T, K]. */
    INDArray queries(INDArray x) {
      return views.positions(x, begin, end);
    }

    /** The keys' or values' part of x [B, .., T, K]. */
    INDArray keys(INDArray x) {
      return views.positions(x, 0, seen);
    }
  }

  /**
   * Attention with scores divided by the root of the head dimension.
   *
   * @param groupSize query heads to each head of keys and values, G
   */
  ComposedCausalAttention(TensorOps ops, Views views, int headDim, int groupSize) {
    double factor = 1 / Math.sqrt(headDim);
    this.ops = ops;
    this.views = views;
    this.softmax = CausalSoftmax.of(ops, factor);
    this.scaledProduct = new Kernel("matmul").integers(0, 1, 0).reals(factor, 0);
    this.headDim = headDim;
    this.groupSize = groupSize;
  }

  @Override
  public void forward(Heads heads, INDArray mixed, Memory memory) {
    INDArray queries = heads.queries();
    INDArray sums = views.heads(mixed, queries.size(0), headDim);
    long time = queries.size(2);
    long past = heads.keys().size(2) - time;
    long size = CausalBlocks.queries(time);
    saved.clear();
    for (long begin = 0; begin < time; begin += size) {
      long end = Math.min(time, begin + size);
      long seen = past + end;
      INDArray weights = memory.array(queries.size(0), queries.size(1), end - begin, seen);
      Block block = new Block(views, begin, end, seen, weights);
      forward(block, heads, sums);
      saved.add(block);
    }
  }

  private void forward(Block block, Heads heads, INDArray sums) {
    INDArray weights = block.weights;
    INDArray queries = block.queries(heads.queries());
    INDArray keys = block.keys(heads.keys());
    for (int group = 0; group < groupSize; group++) {
      ops.productTransposedB(of(queries, group), keys, of(weights, group));
    }
    softmax.forward(weights);
    INDArray values = block.keys(heads.values());
    INDArray blockSums = block.queries(sums);
    for (int group = 0; group < groupSize; group++) {
      ops.product(of(weights, group), values, of(blockSums, group));
    }
  }

  /** The last block sees all positions and sets their gradients; those before it add to them. */
  @Override
  public void backward(Heads heads, INDArray dMixed, Heads gradients, Memory working) {
    if (saved.isEmpty()) {
      throw new NullPointerException("backward without forward");
    }
    INDArray dSums = views.heads(dMixed, heads.queries().size(0), headDim);
    for (int index = saved.size() - 1; index >= 0; index--) {
      Block block = saved.get(index);
      addProducts(block, block.weights, block.queries(dSums), gradients.values());
      INDArray dScores = scoresGradient(block, heads, dSums, working);
      INDArray keys = block.keys(heads.keys());
      INDArray dQueries = block.queries(gradients.queries());
      for (int group = 0; group < groupSize; group++) {
        ops.product(of(dScores, group), keys, of(dQueries, group));
      }
      addProducts(block, dScores, block.queries(heads.queries()), gradients.keys());
    }
  }

  /** That of q·kᵀ: the scale of the scores goes into the product that the softmax works on. */
  private INDArray scoresGradient(Block block, Heads heads, INDArray dSums, Memory working) {
    INDArray dScores = working.like(block.weights);
    INDArray values = block.keys(heads.values());
    INDArray blockSums = block.queries(dSums);
    for (int group = 0; group < groupSize; group++) {
      scaledProduct.run(of(dScores, group), of(blockSums, group), values);
    }
    softmax.backward(block.weights, dScores, working);
    return dScores;
  }

  /**
   * Sets, or for all blocks but the last adds to, the positions of z [B, V, T, K] that a block
   * sees: the sum over groups of aᵀ·b, a [B, H, Q, seen], b [B, H, Q, K].
   */
  private void addProducts(Block block, INDArray a, INDArray b, INDArray z) {
    INDArray seen = block.keys(z);
    for (int group = 0; group < groupSize; group++) {
      if (group == 0 && block.seen == z.size(2)) {
        ops.productTransposedA(of(a, group), of(b, group), seen);
      } else {
        ops.addProductTransposedA(of(a, group), of(b, group), seen);
      }
    }
  }

  /** Of [B, H, ..] the heads that are member {@code group} of their groups, [B, V, ..]. */
  private INDArray of(INDArray x, int group) {
    return views.group(x, group, groupSize);
  }

  @Override
  public void clear() {
    saved.clear();
  }
}
