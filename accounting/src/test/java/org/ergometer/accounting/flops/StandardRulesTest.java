package org.ergometer.accounting.flops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ergometer.accounting.flops.ExecutedOp.custom;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.ergometer.accounting.op.OpFamily;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Exact counts, the arithmetic beside them. */
class StandardRulesTest {

  private static final FlopRegistry REGISTRY = FlopRegistry.standard();

  @ParameterizedTest
  @MethodSource({
    "matrices",
    "convolutions",
    "pooling",
    "normalization",
    "attention",
    "recurrent",
    "losses",
    "others"
  })
  void customOp(ExecutedOp op, long expected) {
    assertThat(flops(op)).as(op.name()).isEqualTo(expected);
  }

  static Stream<Arguments> matrices() {
    return Stream.of(
        arguments(custom("matmul").in(3, 4).in(4, 5).out(3, 5), 2 * 3 * 4 * 5),
        arguments(custom("matmul").in(4, 3).in(4, 5).out(3, 5).args(1, 0, 0), 2 * 3 * 4 * 5),
        arguments(custom("matmul").in(3, 4).in(5, 4).out(3, 5).args(0, 1, 0), 2 * 3 * 4 * 5),
        arguments(custom("matmul").in(3, 4).in(4, 5).out(5, 3).args(0, 0, 1), 2 * 3 * 4 * 5),
        arguments(
            custom("matmul").in(7, 2, 3, 4).in(7, 2, 5, 4).out(7, 2, 3, 5).args(0, 1),
            7 * 2 * 2 * 3 * 4 * 5),
        arguments(custom("matmul").in(4).in(4).out(), 2 * 4),
        arguments(custom("matmul").in(3, 4).in(4).out(3), 2 * 3 * 4),
        arguments(custom("matmul").in(4).in(4, 5).out(5), 2 * 4 * 5),
        arguments(custom("matmul").in(0, 4).in(4, 5).out(0, 5), 0),
        arguments(
            custom("matmul_bp").in(3, 4).in(4, 5).in(3, 5).out(3, 4).out(4, 5).args(0, 0, 0),
            2 * 2 * 3 * 4 * 5),
        arguments(
            custom("batched_gemm")
                .in(6)
                .in(6)
                .in(2, 3)
                .out(2, 4)
                .args(111, 111, 2, 4, 3, 2, 3, 2, 6),
            6 * 2 * 2 * 4 * 3),
        // [2,3,4] x [4,3,5] over axes 1,2 and 1,0: results [2,5], contracted 3·4
        arguments(
            custom("tensormmul").in(2, 3, 4).in(4, 3, 5).out(2, 5).args(2, 1, 2, 2, 1, 0),
            2 * (2 * 5) * (3 * 4)),
        arguments(
            custom("tensormmul_bp")
                .in(2, 3, 4)
                .in(4, 3, 5)
                .in(2, 5)
                .out(2, 3, 4)
                .out(4, 3, 5)
                .args(2, 1, 2, 2, 1, 0),
            2 * 2 * (2 * 5) * (3 * 4)),
        arguments(custom("xw_plus_b").in(3, 4).in(4, 5).in(5).out(3, 5), 2 * 3 * 4 * 5 + 3 * 5),
        // the argument transposes the weights
        arguments(
            custom("xw_plus_b").in(3, 4).in(5, 4).in(5).out(3, 5).args(1), 2 * 3 * 4 * 5 + 3 * 5),
        arguments(
            custom("xw_plus_b_bp")
                .in(3, 4)
                .in(5, 4)
                .in(5)
                .in(3, 5)
                .out(3, 4)
                .out(5, 4)
                .out(5)
                .args(1),
            2 * 2 * 3 * 4 * 5 + 3 * 5),
        arguments(
            custom("xw_plus_b_bp").in(3, 4).in(4, 5).in(5).in(3, 5).out(3, 4).out(4, 5).out(5),
            2 * 2 * 3 * 4 * 5 + 3 * 5),
        arguments(custom("relu_layer").in(3, 4).in(4, 5).in(5).out(3, 5), 2 * 3 * 4 * 5 + 2 * 15),
        arguments(custom("cholesky").in(2, 6, 6).out(2, 6, 6), 2 * 6 * 6 * 6 / 3),
        arguments(custom("lu").in(6, 6).out(6, 6), 2 * 6 * 6 * 6 / 3),
        arguments(custom("matrix_inverse").in(6, 6).out(6, 6), 2 * 6 * 6 * 6),
        arguments(custom("triangular_solve").in(6, 6).in(6, 2).out(6, 2), 6 * 6 * 2),
        arguments(custom("solve").in(6, 6).in(6, 2).out(6, 2), 2 * 6 * 6 * 6 / 3 + 2 * 6 * 6 * 2),
        // R: 2·n²·(m - n/3) = 2·9·(6 - 1)
        arguments(custom("qr").in(6, 3).out(6, 3).out(3, 3), 2 * (2 * 9 * (6 - 1))),
        arguments(
            custom("lstsq").in(6, 3).in(6, 2).out(3, 2),
            2 * 6 * 9 + 27 / 3 + (2 * 6 * 3 + 2 * 9) * 2),
        arguments(custom("cross").in(5, 3).in(5, 3).out(5, 3), 5 * (6 + 3)));
  }

  static Stream<Arguments> convolutions() {
    long weights = 3 * 3 * 2 * 4;
    return Stream.of(
        // NCHW (format 0): batch 2, 2 channels in, 4 out, 5x5 positions
        arguments(
            custom("conv2d").in(2, 2, 7, 7).in(3, 3, 2, 4).out(2, 4, 5, 5).args(k2d(0)),
            2 * (2 * 5 * 5) * weights),
        arguments(
            custom("conv2d").in(2, 2, 7, 7).in(3, 3, 2, 4).in(4).out(2, 4, 5, 5).args(k2d(0)),
            2 * (2 * 5 * 5) * weights + 2 * 4 * 5 * 5),
        // NHWC (format 1)
        arguments(
            custom("conv2d").in(2, 7, 7, 2).in(3, 3, 2, 4).out(2, 5, 5, 4).args(k2d(1)),
            2 * (2 * 5 * 5) * weights),
        arguments(
            custom("conv2d_bp")
                .in(2, 2, 7, 7)
                .in(3, 3, 2, 4)
                .in(2, 4, 5, 5)
                .out(2, 2, 7, 7)
                .out(3, 3, 2, 4)
                .args(k2d(0)),
            2 * 2 * (2 * 5 * 5) * weights),
        arguments(
            custom("conv2d_bp")
                .in(2, 2, 7, 7)
                .in(3, 3, 2, 4)
                .in(4)
                .in(2, 4, 5, 5)
                .out(2, 2, 7, 7)
                .out(3, 3, 2, 4)
                .out(4)
                .args(k2d(0)),
            2 * 2 * (2 * 5 * 5) * weights + 2 * 4 * 5 * 5),
        arguments(
            custom("conv2d_input_bp")
                .in(4)
                .in(3, 3, 2, 4)
                .in(2, 4, 5, 5)
                .out(2, 2, 7, 7)
                .args(k2d(0)),
            2 * (2 * 5 * 5) * weights),
        // depthwise: 2 channels, 3 outputs of each; every output takes 3·3 products
        arguments(
            custom("depthwise_conv2d").in(2, 2, 7, 7).in(3, 3, 2, 3).out(2, 6, 5, 5).args(k2d(0)),
            2 * (2 * 6 * 5 * 5) * (3 * 3)),
        arguments(
            custom("pointwise_conv2d").in(2, 7, 7, 3).in(1, 1, 3, 5).out(2, 7, 7, 5).args(1),
            2 * (2 * 7 * 7) * (3 * 5)),
        arguments(
            custom("pointwise_conv2d").in(2, 7, 7, 3).in(1, 1, 3, 5).in(5).out(2, 7, 7, 5).args(1),
            2 * (2 * 7 * 7) * (3 * 5) + 2 * 7 * 7 * 5),
        arguments(
            custom("sconv2d")
                .in(2, 2, 7, 7)
                .in(3, 3, 2, 3)
                .in(1, 1, 6, 4)
                .out(2, 4, 5, 5)
                .args(k2d(0)),
            2 * (2 * 5 * 5) * (3 * 3 * 2 * 3 + 6 * 4)),
        arguments(
            custom("sconv2d").in(2, 2, 7, 7).in(3, 3, 2, 3).in(6).out(2, 6, 5, 5).args(k2d(0)),
            2 * (2 * 5 * 5) * (3 * 3 * 2 * 3) + 2 * 6 * 5 * 5),
        arguments(
            custom("sconv2d_bp")
                .in(2, 2, 7, 7)
                .in(2, 4, 5, 5)
                .in(3, 3, 2, 3)
                .in(1, 1, 6, 4)
                .out(2, 2, 7, 7)
                .out(3, 3, 2, 3)
                .out(1, 1, 6, 4)
                .args(k2d(0)),
            2 * (2 * 5 * 5) * (3 * (3 * 3 * 2 * 3) + 2 * (6 * 4))),
        arguments(
            custom("conv1d").in(2, 3, 9).in(2, 3, 4).out(2, 4, 8).args(2, 1, 0, 1, 0, 0),
            2 * (2 * 8) * (2 * 3 * 4)),
        arguments(
            custom("conv1d_bp")
                .in(2, 3, 9)
                .in(2, 3, 4)
                .in(2, 4, 8)
                .out(2, 3, 9)
                .out(2, 3, 4)
                .args(2, 1, 0, 1, 0, 0),
            2 * 2 * (2 * 8) * (2 * 3 * 4)),
        arguments(
            custom("conv3dnew").in(2, 3, 4, 4, 4).in(2, 2, 2, 3, 5).out(2, 5, 3, 3, 3).args(k3d(0)),
            2 * (2 * 27) * (8 * 3 * 5)),
        // a transposed convolution spreads each input position over all weights
        arguments(
            custom("deconv2d").in(2, 3, 4, 4).in(2, 2, 5, 3).out(2, 5, 5, 5).args(k2d(0)),
            2 * (2 * 4 * 4) * (2 * 2 * 5 * 3)),
        arguments(
            custom("deconv2d_bp")
                .in(2, 3, 4, 4)
                .in(2, 2, 5, 3)
                .in(2, 5, 5, 5)
                .out(2, 3, 4, 4)
                .out(2, 2, 5, 3)
                .args(k2d(0)),
            2 * 2 * (2 * 4 * 4) * (2 * 2 * 5 * 3)));
  }

  static Stream<Arguments> pooling() {
    return Stream.of(
        arguments(custom("maxpool2d").in(2, 3, 6, 6).out(2, 3, 3, 3).args(k2d(0)), 54 * 3 * 3),
        arguments(custom("avgpool2d").in(2, 3, 6, 6).out(2, 3, 3, 3).args(k2d(0)), 54 * (9 + 1)),
        arguments(
            custom("pnormpool2d").in(2, 3, 6, 6).out(2, 3, 3, 3).args(k2d(0)), 54 * (2 * 9 + 1)),
        arguments(
            custom("maxpool2d_bp").in(2, 3, 6, 6).in(2, 3, 3, 3).out(2, 3, 6, 6).args(k2d(0)),
            54 * (9 + 1)),
        arguments(
            custom("avgpool2d_bp").in(2, 3, 6, 6).in(2, 3, 3, 3).out(2, 3, 6, 6).args(k2d(0)),
            54 * (9 + 1)),
        arguments(
            custom("avgpool3dnew").in(1, 1, 4, 4, 4).out(1, 1, 2, 2, 2).args(2, 2, 2),
            8 * (2 * 2 * 2 + 1)),
        arguments(custom("upsampling2d_bp").in(1, 1, 2, 2).in(1, 1, 4, 4).out(1, 1, 2, 2), 16),
        // windows of 2x2 at 3x3 positions are added up
        arguments(custom("im2col_bp").in(1, 1, 4, 4).in(1, 1, 2, 2, 3, 3).out(1, 1, 4, 4), 4 * 9));
  }

  static Stream<Arguments> normalization() {
    return Stream.of(
        // maximum, subtraction, exponential, sum, division
        arguments(custom("softmax").in(3, 4).out(3, 4), 5 * 12),
        arguments(custom("softmax_bp").in(3, 4).in(3, 4).out(3, 4), (5 + 4) * 12),
        arguments(custom("log_softmax").in(3, 4).out(3, 4), 5 * 12 + 3),
        arguments(custom("log_softmax").in(3, 4).out(3, 4).args(0), 5 * 12 + 4),
        arguments(custom("log_softmax_bp").in(3, 4).in(3, 4).out(3, 4), (5 + 3) * 12),
        // mean 1, variance 3, score 2 per element; 4 per row
        arguments(custom("standardize").in(3, 4).out(3, 4).args(1), 6 * 12 + 4 * 3),
        arguments(custom("standardize").in(3, 4).out(3, 4).args(-1), 6 * 12 + 4 * 3),
        arguments(custom("standardize").in(2, 3, 4).out(2, 3, 4).args(1, 2), 6 * 24 + 4 * 2),
        arguments(custom("standardize_bp").in(3, 4).in(3, 4).out(3, 4).args(1), 13 * 12 + 6 * 3),
        arguments(custom("layer_norm").in(3, 4).in(4).out(3, 4).args(1), 7 * 12 + 4 * 3),
        arguments(custom("layer_norm").in(3, 4).in(4).in(4).out(3, 4).args(1), 8 * 12 + 4 * 3),
        arguments(
            custom("layer_norm_bp").in(3, 4).in(4).in(3, 4).out(3, 4).out(4).args(1),
            (13 + 3) * 12 + 6 * 3),
        arguments(
            custom("layer_norm_bp").in(3, 4).in(4).in(4).in(3, 4).out(3, 4).out(4).out(4).args(1),
            (13 + 3 + 1) * 12 + 6 * 3),
        arguments(
            custom("batchnorm").in(2, 3, 4).in(3).in(3).out(2, 3, 4).args(0, 0, 1), 2 * 24 + 3 * 3),
        arguments(
            custom("batchnorm").in(2, 3, 4).in(3).in(3).in(3).in(3).out(2, 3, 4).args(1, 1, 1),
            3 * 24 + 4 * 3),
        arguments(
            custom("batchnorm_bp")
                .in(2, 3, 4)
                .in(3)
                .in(3)
                .in(3)
                .in(3)
                .in(2, 3, 4)
                .out(2, 3, 4)
                .args(1, 1, 1),
            9 * 24 + 6 * 3),
        // score and offset 3; gain / root 4 per channel
        arguments(
            custom("fused_batch_norm")
                .in(1, 2, 4, 3)
                .in(3)
                .in(3)
                .in(3)
                .in(3)
                .out(1, 2, 4, 3)
                .args(0, 0),
            3 * 24 + 4 * 3),
        // moments 4 per element, and 3 per channel
        arguments(
            custom("fused_batch_norm").in(1, 2, 4, 3).in(3).in(3).out(1, 2, 4, 3).args(0, 1),
            7 * 24 + 7 * 3),
        // a square enters the window and one leaves it: 4; x / pow(b + a·s, p): 4
        arguments(custom("lrn").in(2, 3, 4).out(2, 3, 4).args(2), 8 * 24),
        arguments(custom("lrn_bp").in(2, 3, 4).in(2, 3, 4).out(2, 3, 4).args(2), 16 * 24));
  }

  static Stream<Arguments> attention() {
    // batch 2, width of keys 3, of values 4, 5 queries, 6 keys: 2·5·6 scores
    long scores = 2 * 5 * 6;
    ExecutedOp plain =
        custom("dot_product_attention").in(2, 3, 5).in(2, 3, 6).in(2, 4, 6).out(2, 4, 5);
    ExecutedOp backward =
        custom("dot_product_attention_bp").in(2, 3, 5).in(2, 3, 6).in(2, 4, 6).in(2, 4, 5);
    // batch 2, 3 heads, keys and values of width 4, model width 5, 6 positions, output width 7
    ExecutedOp heads =
        custom("multi_head_dot_product_attention")
            .in(2, 5, 6)
            .in(2, 5, 6)
            .in(2, 5, 6)
            .in(3, 4, 5)
            .in(3, 4, 5)
            .in(3, 4, 5)
            .in(12, 7)
            .out(2, 7, 6);
    ExecutedOp headsBackward =
        custom("multi_head_dot_product_attention_bp")
            .in(2, 5, 6)
            .in(2, 5, 6)
            .in(2, 5, 6)
            .in(3, 4, 5)
            .in(3, 4, 5)
            .in(3, 4, 5)
            .in(12, 7)
            .in(2, 7, 6);
    long headScores = 2 * 3 * 6 * 6;
    long projections = 3 * (2 * 6) * (3 * 4 * 5);
    return Stream.of(
        arguments(plain, scores * (2 * 3 + 2 * 4 + 5)),
        arguments(plain.args(1, 0), scores * (2 * 3 + 2 * 4 + 5 + 1)),
        // a mask of 2·6 is prepared by 2 operations, and added to the scores of all queries
        arguments(plain.in(2, 6).args(1, 0), scores * (2 * 3 + 2 * 4 + 5 + 1 + 1) + 2 * (2 * 6)),
        arguments(backward.args(1), scores * (3 * 2 * 3 + 2 * 2 * 4 + 5 + 9 + 2)),
        arguments(
            backward.in(2, 6).args(1),
            scores * (3 * 2 * 3 + 2 * 2 * 4 + 5 + 9 + 2 + 1) + 2 * (2 * 6)),
        arguments(
            headsBackward.args(1),
            6 * projections + 4 * (2 * 6) * (12 * 7) + headScores * (16 + 5 + 1 + 40 + 14 + 2)),
        // masked both when attention is computed again and when its gradient is
        arguments(
            headsBackward.in(2, 6).args(1),
            6 * projections
                + 4 * (2 * 6) * (12 * 7)
                + headScores * (16 + 5 + 1 + 1 + 40 + 14 + 2 + 1)
                + 2 * 2 * (2 * 6)),
        arguments(
            heads.args(1, 0),
            2 * projections + 2 * (2 * 6) * (12 * 7) + headScores * (2 * 4 + 2 * 4 + 5 + 1)));
  }

  static Stream<Arguments> recurrent() {
    // three sigmoids of 3, f·c + i·tanh(z), o·tanh(c)
    long gates = 3 * 3 + 4 + 2;
    // four additions of two products, four of the bias
    long lstm = 4 + 4 + gates;
    long positions = 5 * 2;
    long products = 2 * (3 * 16 + 4 * 16);
    ExecutedOp layer = custom("lstmLayer").in(5, 2, 3).in(3, 16).in(4, 16).out(5, 2, 4);
    ExecutedOp backward = custom("lstmLayer_bp").in(5, 2, 3).in(3, 16).in(4, 16);
    ExecutedOp cell = custom("lstmLayerCell").in(2, 3).in(3, 16).in(4, 16).in(16);
    ExecutedOp block =
        custom("lstmBlock").in().in(5, 2, 3).in(2, 4).in(2, 4).in(7, 16).in(4).in(4).in(4).in(16);
    ExecutedOp projected =
        custom("lstm").in(5, 2, 3).in(2, 6).in(2, 4).in(3, 16).in(6, 16).in(12).in(4, 6).in(16);
    return Stream.of(
        arguments(layer.flags(false), positions * (products + 4 * (4 + gates))),
        arguments(layer.in(16).flags(true), positions * (products + 4 * lstm)),
        // both directions: the weights hold two matrices each
        arguments(
            custom("lstmLayer")
                .in(5, 2, 3)
                .in(2, 3, 16)
                .in(2, 4, 16)
                .in(2, 16)
                .out(5, 2, 8)
                .flags(true),
            positions * 2 * (products + 4 * lstm)),
        arguments(
            layer.in(16).in(12).flags(true, false, false, false, true).reals(0.5),
            positions * (products + 4 * (lstm + 6 + 2))),
        // per unit 23 of the gradient; 4 of the bias's, 12 of the peepholes'
        arguments(backward.flags(false), positions * (3 * products + 4 * (4 + gates + 23))),
        arguments(
            backward.in(16).in(12).flags(true, false, false, false, true),
            positions * (3 * products + 4 * (lstm + 6 + 23 + 4 + 12))),
        arguments(cell.flags(true, false), 2 * (products + 4 * lstm)),
        arguments(cell.flags(true, true), 2 * (products + 4 * (lstm + 6))),
        // one product of inputs and outputs side by side
        arguments(block.args(0, 0), positions * (2 * 7 * 16 + 4 * (4 + gates))),
        arguments(
            block.args(1, 0).reals(1.0, 5.0),
            positions * (2 * 7 * 16 + 4 * (4 + gates + 6 + 1 + 2))),
        arguments(
            projected.args(1, 1).reals(0.0, 3.0, 1.0),
            positions * (2 * (3 * 16 + 6 * 16 + 4 * 6) + 4 * (lstm + 6 + 1) + 6 * 2)),
        // r and u: two additions and a sigmoid of 3; candidate 4; new state 4
        arguments(
            custom("gruCell").in(2, 3).in(2, 4).in(7, 8).in(7, 4).in(8).in(4).out(2, 4),
            2 * (2 * (7 * 8 + 7 * 4) + 4 * (2 * 5 + 4 + 4))),
        arguments(
            custom("static_rnn").in(5, 2, 3).in(3, 4).in(4, 4).in(8).out(5, 2, 4),
            positions * (2 * (3 * 4 + 4 * 4) + 4 * 4)),
        // 15 per unit, one more where the input is masked
        arguments(
            custom("sru").in(2, 4, 5).in(12, 4).in(8).in(2, 4), 10 * (2 * 12 * 4) + 2 * 4 * 5 * 15),
        arguments(
            custom("sru").in(2, 4, 5).in(12, 4).in(8).in(2, 4).in(2, 4),
            10 * (2 * 12 * 4) + 2 * 4 * 5 * 16));
  }

  static Stream<Arguments> losses() {
    ExecutedOp squares = custom("mean_sqerr_loss").in(3, 4).in().in(3, 4).out();
    ExecutedOp softmax = custom("softmax_cross_entropy_loss").in(3, 4).in().in(3, 4).out();
    ExecutedOp weighted = custom("mean_sqerr_loss").in(3, 4).in(3, 4).in(3, 4).out();
    return Stream.of(
        // difference, square; weight
        arguments(squares.args(0), 2 * 12 + 12),
        // and sum
        arguments(squares.args(1), 2 * 12 + 2 * 12),
        // and the sum of weights, here one product; the quotient
        arguments(squares.args(2), 2 * 12 + 2 * 12 + 2),
        arguments(squares.args(3), 2 * 12 + 2 * 12 + 1),
        arguments(weighted.args(2), 2 * 12 + 2 * 12 + 12 + 1),
        arguments(weighted.args(3), 2 * 12 + 2 * 12 + 2 * 12 + 1),
        // derivative 1, two weighted gradients; the one weight's is a sum
        arguments(
            custom("mean_sqerr_loss_grad").in(3, 4).in().in(3, 4).out(3, 4).out().out(3, 4).args(1),
            (2 + 1 + 2) * 12 + 12),
        // maximum, subtraction, exponential, sum; label times logarithm, sum: 7; a logarithm a row
        arguments(softmax.args(0), 7 * 12 + 3 + 3),
        arguments(softmax.args(1), 7 * 12 + 3 + 2 * 3),
        arguments(
            custom("cosine_distance_loss").in(3, 4).in().in(3, 4).out().args(1, 1),
            2 * 12 + 3 + 2 * 3),
        arguments(
            custom("cosine_distance_loss").in(3, 4).in().in(3, 4).out().args(1, 0),
            2 * 12 + 4 + 2 * 4),
        // difference, sum, square and sum; four a row
        arguments(
            custom("mean_pairwssqerr_loss").in(3, 4).in().in(3, 4).out().args(1),
            4 * 12 + 4 * 3 + 2 * 3),
        arguments(
            custom("softmax_cross_entropy_loss_with_logits").in(3, 4).in(3, 4).out(3), 7 * 12 + 3),
        arguments(
            custom("sparse_softmax_cross_entropy_loss_with_logits").in(3).in(3, 4).out(3),
            4 * 12 + 2 * 3));
  }

  static Stream<Arguments> others() {
    return Stream.of(
        // broadcasting counts over the result
        arguments(custom("add").in(3, 1).in(1, 4).out(3, 4), 12),
        arguments(custom("multiply_bp").in(3, 4).in(3, 4).in(3, 4).out(3, 4).out(3, 4), 2 * 12),
        arguments(custom("multiply_bp").in(3, 4).in(4).in(3, 4).out(3, 4).out(4), (2 + 1) * 12),
        arguments(custom("add_bp").in(3, 4).in(4).in(3, 4).out(3, 4).out(4), 12),
        arguments(custom("add_bp").in(3, 4).in(3, 4).in(3, 4).out(3, 4).out(3, 4), 0),
        arguments(custom("biasadd").in(3, 4).in(4).out(3, 4), 12),
        arguments(custom("biasadd_bp").in(3, 4).in(4).in(3, 4).out(3, 4).out(4), 12),
        arguments(custom("mergeadd").in(3).in(3).in(3).out(3), 9),
        arguments(custom("reduce_sum").in(3, 4).out(3).args(1), 12),
        arguments(custom("reduce_mean").in(3, 4).out(3).args(1), 12 + 3),
        arguments(custom("reduce_norm2").in(3, 4).out(3).args(1), 2 * 12 + 3),
        arguments(custom("reduce_logsumexp").in(3, 4).out(3).args(1), 4 * 12 + 2 * 3),
        arguments(custom("argmax").in(3, 4).out(3).args(1), 12),
        arguments(custom("scatter_add").in(9, 4).in(3).in(3, 4).out(9, 4), 12),
        arguments(custom("scatter_upd").in(9, 4).in(3).in(3, 4).out(9, 4), 0),
        arguments(custom("scatter_update").in(9, 4).in(3, 4).out(9, 4).args(0), 12),
        arguments(custom("scatter_update").in(9, 4).in(3, 4).out(9, 4).args(6), 0),
        arguments(custom("scatter_nd").in(3, 1).in(3, 4).in(2).out(9, 4), 12),
        // square and sum, scale: 3 an element; root, comparison, quotient
        arguments(custom("clip_by_global_norm").in(3).in(4).out(3).out(4), 3 * 7 + 3),
        arguments(custom("clipbynorm").in(3, 4).out(3, 4), 3 * 12 + 3),
        arguments(custom("clipbynorm").in(3, 4).out(3, 4).args(1), 3 * 12 + 3 * 3),
        arguments(custom("clipbyavgnorm").in(3, 4).out(3, 4), 3 * 12 + 4),
        arguments(custom("clipbynorm_bp").in(3, 4).in(3, 4).out(3, 4).args(1), 7 * 12 + 3 * 5),
        arguments(custom("trace").in(2, 3, 4).out(2), 2 * 3),
        arguments(custom("reduce_norm2_bp").in(3, 4).in(3).out(3, 4).args(1), 4 * 12 + 3),
        arguments(custom("reduce_variance_bp").in(3, 4).in(3).out(3, 4).args(1), 4 * 12 + 3),
        arguments(custom("reduce_stdev_bp").in(3, 4).in(3).out(3, 4).args(1), 7 * 12 + 3 * 3),
        arguments(custom("random_shuffle").in(3, 4).out(3, 4), 2 * 3),
        arguments(custom("sequence_mask").in(3).out(3, 5), 15),
        arguments(custom("assign_bp").in(3, 4).in(4).in(3, 4).out(3, 4).out(4), 12),
        arguments(custom("mod_bp").in(3, 4).in(3, 4).in(3, 4).out(3, 4).out(3, 4), 0),
        arguments(custom("crelu_bp").in(3, 4).in(3, 8).out(3, 4), 2 * 24 + 12),
        arguments(custom("gather").in(9, 4).in(3).out(3, 4), 0),
        arguments(custom("reshape").in(3, 4).out(12), 0),
        arguments(custom("cast").in(3, 4).out(3, 4), 0));
  }

  @ParameterizedTest
  @CsvSource({
    "sgd_updater, 1",
    "nesterovs_updater, 5",
    "adam_updater, 11",
    "ada_max_updater, 8",
    "ams_grad_updater, 12",
    "nadam_updater, 14",
    "ada_grad_updater, 6",
    "ada_delta_updater, 14",
    "rms_prop_updater, 8",
    "adabelief_updater, 13",
    "apply_sgd, 2",
  })
  void updaterPerParameter(String name, long perElement) {
    assertThat(flops(custom(name).in(7).in(7).in(7).out(7).out(7).out(7)))
        .isEqualTo(7 * perElement);
  }

  @ParameterizedTest
  @CsvSource({
    "tanh, 1",
    "sigmoid, 3",
    "relu, 1",
    "relu6, 2",
    "elu, 3",
    "lrelu, 2",
    "softplus, 3",
    "softsign, 2",
    "hardsigmoid, 4",
    "hardtanh, 2",
    "rationaltanh, 12",
    "rectifiedtanh, 2",
    "selu, 5",
    "cube, 2",
    "thresholdedrelu, 1",
    "squaredsubtract, 2",
    "floormod, 4",
    "Pow, 1",
    "axpy, 2",
    "divide_no_nan, 2",
    "less_equal, 1",
    "dropout, 3",
    "random_normal, 10",
    "randomuniform, 3",
  })
  void customPerElement(String name, long perElement) {
    assertThat(flops(custom(name).in(5).out(5))).isEqualTo(5 * perElement);
  }

  @ParameterizedTest
  @CsvSource({
    "tanh_bp, 4",
    "sigmoid_bp, 6",
    "relu_bp, 1",
    "softplus_bp, 4",
    "softsign_bp, 4",
    "cube_bp, 3",
    "dropout_bp, 3",
    "hardtanh_bp, 3",
  })
  void activationGradientPerElement(String name, long perElement) {
    assertThat(flops(custom(name).in(5).in(5).out(5))).isEqualTo(5 * perElement);
  }

  @ParameterizedTest
  @CsvSource({
    "TRANSFORM, Sqrt, 1",
    "TRANSFORM, RSqrt, 2",
    "TRANSFORM, Abs, 0",
    "TRANSFORM, Neg, 0",
    "TRANSFORM, Square, 1",
    "TRANSFORM, Exp, 1",
    "TRANSFORM, Sigmoid, 3",
    "TRANSFORM, SigmoidDerivative, 5",
    "TRANSFORM, TanhDerivative, 3",
    "TRANSFORM, Swish, 4",
    "TRANSFORM, GELU, 5",
    "TRANSFORM, GELUDerivative, 8",
    "TRANSFORM, PreciseGELU, 8",
    "TRANSFORM, PreciseGELUDerivative, 16",
    "TRANSFORM, Mish, 5",
    "TRANSFORM, MishDerivative, 19",
    "TRANSFORM, IsNan, 1",
    "TRANSFORM, Assign, 0",
    "TRANSFORM, Ones, 0",
    "PAIRWISE, Add, 1",
    "PAIRWISE, Axpy, 2",
    "PAIRWISE, CopyPws, 0",
    "PAIRWISE, SquaredSubtract, 2",
    "PAIRWISE, GreaterThan, 1",
    "SCALAR, Multiply, 1",
    "SCALAR, RELU, 1",
    "SCALAR, LeakyRELU, 2",
    "SCALAR, LogX, 2",
    "BROADCAST, Subtract, 1",
    "RANDOM, UniformDistribution, 3",
    "RANDOM, BernoulliDistribution, 2",
    "RANDOM, DropOutInverted, 3",
  })
  void numberedPerOutputElement(OpFamily family, String name, long perElement) {
    assertThat(flops(ExecutedOp.of(family, name).in(3, 2).in(2).out(3, 2)))
        .isEqualTo(6 * perElement);
  }

  @ParameterizedTest
  @CsvSource({
    "REDUCE, Sum, 12",
    "REDUCE, Mean, 15", // 12 additions, 3 divisions
    "REDUCE, Norm1, 12",
    "REDUCE, Norm2, 27", // 12 · (multiply, add), 3 roots
    "REDUCE, SquaredNorm, 24",
    "REDUCE, NormP, 27",
    "REDUCE, Max, 12",
    "REDUCE, CountNonZero, 24",
    "INDEX_REDUCE, IndexMax, 12",
    "SUMMARY, SummaryStatsVariance, 54", // 12 · 4, 3 · 2
    "SUMMARY, SummaryStatsStandardDeviation, 57",
  })
  void reductionOfThreeRowsOfFour(OpFamily family, String name, long expected) {
    assertThat(flops(ExecutedOp.of(family, name).in(3, 4).out(3))).isEqualTo(expected);
  }

  static Stream<Arguments> distances() {
    ExecutedOp dot = ExecutedOp.of(OpFamily.REDUCE3, "Dot");
    return Stream.of(
        arguments(dot.in(3, 4).in(3, 4).out(3), 2 * 12),
        arguments(dot.in(3, 4).in(4).out(3), 2 * 12),
        arguments(dot.in(4).in(4).out(), 2 * 4),
        // every row of one with every row of the other: 3·5 pairs of rows of 4
        arguments(dot.in(3, 4).in(5, 4).out(3, 5), 2 * 3 * 5 * 4),
        arguments(
            ExecutedOp.of(OpFamily.REDUCE3, "EuclideanDistance").in(3, 4).in(5, 4).out(3, 5),
            3 * 3 * 5 * 4 + 15),
        arguments(
            ExecutedOp.of(OpFamily.REDUCE3, "CosineSimilarity").in(3, 4).in(3, 4).out(3),
            6 * 12 + 4 * 3));
  }

  @ParameterizedTest
  @MethodSource("distances")
  void distance(ExecutedOp op, long expected) {
    assertThat(flops(op)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "BLAS, dot, 14",
    "BLAS, axpy, 14",
    "BLAS, scal, 7",
    "BLAS, nrm2, 15",
    "BLAS, asum, 7",
    "BLAS, copy, 0",
    "MEMORY, accumulate, 14",
    "MEMORY, average, 21",
  })
  void outsideTheLists(OpFamily family, String name, long expected) {
    assertThat(flops(ExecutedOp.of(family, name).in(7).in(7).out(7))).isEqualTo(expected);
  }

  @Test
  void formulasAllocateNothing() {
    List<ExecutedOp> ops =
        Stream.of(
                matrices(),
                convolutions(),
                pooling(),
                normalization(),
                attention(),
                recurrent(),
                losses(),
                others())
            .flatMap(cases -> cases)
            .map(arguments -> (ExecutedOp) arguments.get()[0])
            .toList();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    List<String> allocating = new ArrayList<>();
    for (ExecutedOp op : ops) {
      FlopFormula formula = REGISTRY.findOrUnaccounted(op.family(), op.name()).flops();
      long sum = run(formula, op);
      long before = threads.getCurrentThreadAllocatedBytes();
      sum -= run(formula, op);
      // 1000 executions: one object each would be 16 000 bytes at least
      if (threads.getCurrentThreadAllocatedBytes() - before > 8_000) {
        allocating.add(op.name());
      }
      assertThat(sum).isZero();
    }

    assertThat(ops).hasSizeGreaterThan(80);
    assertThat(allocating).isEmpty();
  }

  private static long run(FlopFormula formula, ExecutedOp op) {
    long sum = 0;
    for (int execution = 0; execution < 1000; execution++) {
      sum += formula.flops(op);
    }
    return sum;
  }

  private static long[] k2d(long format) {
    return new long[] {3, 3, 1, 1, 0, 0, 1, 1, 0, format};
  }

  private static long[] k3d(long format) {
    return new long[] {2, 2, 2, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, format};
  }

  private static long flops(ExecutedOp op) {
    OpRule rule = REGISTRY.find(op.family(), op.name());
    assertThat(rule).as("rule for %s", op.name()).isNotNull();
    return REGISTRY.findOrUnaccounted(op.family(), op.name()).flops().flops(op);
  }
}
