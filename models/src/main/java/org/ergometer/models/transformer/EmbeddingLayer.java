package org.ergometer.models.transformer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Token embedding, plus position embedding where positions are learned: tokens [B, T] to
 * activations [B, T, C].
 *
 * <p>Dimensions: B batch, T time, C width, V vocabulary. The token matrix [V, C] may also be the
 * output head's: then the head, whose backward pass runs first, has set the gradient already, and
 * this layer adds to it.
 */
final class EmbeddingLayer extends TransformerLayer {

  private final Kernel gather = new Kernel("gather").integers(0);

  /** Adds rows one after the other: in parallel, rows of the same token would race. */
  private final Kernel scatterAdd = new Kernel("scatter_add").flags(true);

  /** Position of the first token; 0 but where a text goes on. */
  private int begin;

  EmbeddingLayer(NeuralNetConfiguration configuration, DataType dataType) {
    super(configuration, dataType);
  }

  @Override
  INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
    requireTokens(x);
    long batch = x.size(0);
    long time = x.size(1);
    long width = shape().width();
    INDArray y = outputs(training, workspaces).array(batch, time, width);
    gather.run(rows(y), parameter(Sublayer.TOKEN), flatTokens());
    INDArray positions = optionalParameter(Sublayer.POSITION);
    if (positions != null) {
      INDArray flat = y.reshape('c', batch, time * width);
      ops.add(flat, positions(positions, begin, time), flat);
    }
    if (training && dropout.drops()) {
      dropout.forward(y);
    }
    return y;
  }

  @Override
  @Nullable INDArray backward(INDArray dEmbedded) {
    INDArray dy = dEmbedded;
    if (dropout.drops()) {
      dy = memory.working().like(dEmbedded);
      dropout.backward(dEmbedded, dy);
    }
    INDArray positions = optionalGradient(Sublayer.POSITION);
    if (positions != null) {
      positionGradient(positions, dy);
    }
    INDArray tokens = gradient(Sublayer.TOKEN);
    if (!shape().tied()) {
      tokens.assign(0);
    }
    scatterAdd.run(tokens, tokens, flatTokens(), rows(dy));
    return null;
  }

  private void positionGradient(INDArray positions, INDArray dy) {
    long time = dy.size(1);
    if (time < positions.size(0)) {
      positions.assign(0);
    }
    ops.sumFewRows(dy.reshape('c', dy.size(0), time * dy.size(2)), positions(positions, 0, time));
  }

  private INDArray flatTokens() {
    return input.reshape(input.length());
  }

  /** Lets the next tokens stand at the positions from {@code position} on. */
  void begin(int position) {
    begin = position;
  }

  /** Rows of the position matrix, or of its gradient, as a vector [T·C]. */
  private static INDArray positions(INDArray matrix, long begin, long time) {
    long width = matrix.size(1);
    long offset = matrix.offset() + begin * width;
    return Nd4j.create(matrix.data(), new long[] {time * width}, new long[] {1}, offset, 'c');
  }

  private void requireTokens(INDArray x) {
    if (x.rank() != 2 || !x.dataType().isIntType()) {
      throw new InvalidInputException(
          "tokens must be an integer array [B, T], got %s of rank %s; pass token ids"
              .formatted(x.dataType(), x.rank()));
    }
    if (begin + x.size(1) > shape().context()) {
      throw new InvalidInputException(
          "a sequence must be no longer than the context of %s tokens, got %s; shorten it or set --context"
              .formatted(shape().context(), begin + x.size(1)));
    }
  }
}
