package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.DecodingWork;
import org.ergometer.accounting.predict.MatrixProduct;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A text read with keys and values kept against the same text read at once. */
class DecoderTest {

  /** Ways to read a text of five tokens. */
  private static final int[][] PIECES = {{1, 1, 1, 1, 1}, {5}, {3, 1, 1}, {1, 4}, {2, 3}};

  private final Random random = new Random(23);

  static Stream<TransformerShape> shapes() {
    return Stream.concat(
        Stream.of(Samples.shape(true, true), Samples.shape(false, false)), Samples.variants());
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void predictsWhatTheWholeTextPredicts(TransformerShape shape) {
    ComputationGraph graph = Samples.spread(shape);
    int[] text = Samples.tokens(random, 1, 5, shape).toIntVector();
    INDArray whole = Transformer.logits(graph, tokens(text));
    Decoder decoder = new Decoder(graph);
    for (int[] pieces : PIECES) {
      decoder.clear();
      for (int piece : pieces) {
        int end = decoder.length() + piece;
        float[] logits = decoder.read(Arrays.copyOfRange(text, decoder.length(), end));
        assertThat(logits)
            .as("%d tokens in pieces %s", end, Arrays.toString(pieces))
            .usingComparatorWithPrecision(1e-5f)
            .containsExactly(whole.getRow(end - 1).toFloatVector());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void leavesTheModelAsItWas(TransformerShape shape) {
    ComputationGraph graph = Samples.float32(shape);
    ComputationGraph untouched = Samples.float32(shape);
    INDArray tokens = Samples.tokens(random, 2, 5, shape);
    Decoder decoder = new Decoder(graph);
    for (int step = 0; step < 3; step++) {
      decoder.read(1);
      assertThat(Transformer.logits(graph, tokens))
          .isEqualTo(Transformer.logits(untouched, tokens));
      assertThat(Samples.step(graph, tokens, tokens))
          .isEqualTo(Samples.step(untouched, tokens, tokens));
    }
    assertThat(graph.params()).isEqualTo(untouched.params());
  }

  /** Long enough for attention by blocks. */
  static Stream<TransformerShape> longShapes() {
    return shapes().map(shape -> shape.toBuilder().context(200).build());
  }

  @ParameterizedTest
  @MethodSource("longShapes")
  void executesExactlyThePredictedProducts(TransformerShape shape) {
    ComputationGraph graph = Samples.float32(shape);
    int[] text = Samples.tokens(random, 1, 200, shape).toIntVector();
    Decoder decoder = new Decoder(graph);
    decoder.read(text);
    decoder.clear();
    DecodingWork work = DecodingWork.NONE;
    Ledger ledger = new Ledger();
    try (Accounting accounting = Accounting.start(ledger)) {
      assertThat(accounting).isNotNull();
      for (int piece : new int[] {131, 1, 1, 65, 2}) {
        work = work.plus(DecodingWork.of(decoder.length(), piece));
        decoder.read(Arrays.copyOfRange(text, decoder.length(), decoder.length() + piece));
      }
    }

    LedgerSnapshot counted = ledger.snapshot();
    assertThat(counted.unaccounted()).isEmpty();
    Map<String, BigInteger> products =
        counted
            .where(entry -> entry.opClass() == OpClass.MATMUL)
            .flopsBy(entry -> entry.layer() + " " + entry.phase().label());
    assertThat(products)
        .isEqualTo(
            MatrixProducts.decoding(shape, work, Phase.OTHER)
                .flopsBy((MatrixProduct it) -> it.layer() + " " + it.phase().label()));
    assertThat(work.positions()).isEqualTo(200);
    assertThat(work.predictions()).isEqualTo(5);
  }

  @ParameterizedTest
  @MethodSource("longShapes")
  void aLongTextInPiecesPredictsTheSame(TransformerShape shape) {
    ComputationGraph graph = Samples.spread(shape);
    int[] text = Samples.tokens(random, 1, 200, shape).toIntVector();
    INDArray whole = Transformer.logits(graph, tokens(text));
    Decoder decoder = new Decoder(graph);
    for (int piece : new int[] {131, 1, 1, 65, 2}) {
      int end = decoder.length() + piece;
      assertThat(decoder.read(Arrays.copyOfRange(text, decoder.length(), end)))
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(whole.getRow(end - 1).toFloatVector());
    }
  }

  @Test
  void aTextEndsWithTheContext() {
    Decoder decoder = new Decoder(Samples.float32(Samples.shape(true, true)));
    decoder.read(1, 2, 3);

    assertThatThrownBy(() -> decoder.read(1, 2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a text must go on by 1 to 2 tokens, got 3; clear the decoder or read fewer");
    assertThat(decoder.length()).isEqualTo(3);
    assertThatThrownBy(decoder::read).hasMessageContaining("got 0");
  }

  private static INDArray tokens(int... text) {
    return Nd4j.createFromArray(text).reshape(1, text.length);
  }
}
