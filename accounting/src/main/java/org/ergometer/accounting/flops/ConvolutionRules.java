package org.ergometer.accounting.flops;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.TensorSpec;

/**
 * Convolutions and pooling.
 *
 * <p>A convolution multiplies its whole weight tensor into every output position:
 * 2·positions·weights FLOPs, where positions are batch times spatial extents. Positions that fall
 * into the padding count like the others, as PyTorch's counter has it.
 */
final class ConvolutionRules {

  /** Index of the integer argument that says where channels are: 0 second, 1 last. */
  private static final int FORMAT_1D = 5;

  private static final int FORMAT_2D = 9;
  private static final int FORMAT_3D = 13;
  private static final int POINTWISE_FORMAT = 0;

  private static final Traffic EVERY_ELEMENT = Traffic.EVERY_ELEMENT_ONCE;

  private static final String FORWARD = "2·(output positions)·(weights), and the bias added";
  private static final String BACKWARD =
      "two products of the forward one's size, and the bias gradient's sum";

  private ConvolutionRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = convolutions();
    rules.addAll(pooling());
    rules.addAll(rearrangements());
    return rules;
  }

  private static List<OpRule> convolutions() {
    List<OpRule> rules =
        new RuleList(OpFamily.CUSTOM, OpClass.CONVOLUTION)
            .all(op -> forward(op, FORMAT_1D), FORWARD, "conv1d")
            .all(op -> forward(op, FORMAT_2D), FORWARD, "conv2d", "depthwise_conv2d")
            .all(op -> forward(op, POINTWISE_FORMAT), FORWARD, "pointwise_conv2d")
            .all(op -> forward(op, FORMAT_3D), FORWARD, "conv3dnew")
            .all(op -> backward(op, FORMAT_1D), BACKWARD, "conv1d_bp")
            .all(op -> backward(op, FORMAT_2D), BACKWARD, "conv2d_bp", "depthwise_conv2d_bp")
            .all(op -> backward(op, FORMAT_3D), BACKWARD, "conv3dnew_bp")
            .all(
                op -> products(Extent.lastInput(op), op, FORMAT_2D, 2),
                "2·(gradient positions)·(weights)",
                "conv2d_input_bp",
                "deconv2d_tf")
            .all(
                ConvolutionRules::separable, "depthwise product, then pointwise product", "sconv2d")
            .all(
                ConvolutionRules::separableBackward,
                "depthwise product recomputed; two products for each of both; pointwise: two",
                "sconv2d_bp")
            .all(op -> transposed(op, FORMAT_2D), "2·(input positions)·(weights)", "deconv2d")
            .all(op -> transposed(op, FORMAT_3D), "2·(input positions)·(weights)", "deconv3d")
            .all(op -> transposedBackward(op, FORMAT_2D), BACKWARD, "deconv2d_bp")
            .all(op -> transposedBackward(op, FORMAT_3D), BACKWARD, "deconv3d_bp")
            .all(
                op -> Extent.product(2, Extent.output(op), window(op.input(1))),
                "an addition and a maximum per output and window element",
                "dilation2d")
            .rules();
    return rules;
  }

  private static long forward(OpDescriptor op, int format) {
    long bias = op.inputCount() > 2 ? Extent.output(op) : 0;
    return Extent.sum(products(op.output(0), op, format, 2), bias);
  }

  private static long backward(OpDescriptor op, int format) {
    TensorSpec gradient = Extent.lastInput(op);
    long bias = op.inputCount() > 3 ? gradient.length() : 0;
    return Extent.sum(products(gradient, op, format, 4), bias);
  }

  /** {@code factor}·positions·weights, positions being those of {@code spatial}. */
  private static long products(TensorSpec spatial, OpDescriptor op, int format, long factor) {
    return Extent.product(factor, positions(spatial, op, format), op.input(1).length());
  }

  /** Batch times spatial extents: everything but the channels. */
  private static long positions(TensorSpec tensor, OpDescriptor op, int format) {
    boolean channelsLast = Extent.argument(op, format, 0) != 0;
    return Extent.quotient(tensor.length(), channelsLast ? tensor.size(-1) : tensor.size(1));
  }

  private static long transposed(OpDescriptor op, int format) {
    long bias = op.inputCount() > 2 ? Extent.output(op) : 0;
    return Extent.sum(products(op.input(0), op, format, 2), bias);
  }

  private static long transposedBackward(OpDescriptor op, int format) {
    long bias = op.inputCount() > 3 ? Extent.lastInput(op).length() : 0;
    return Extent.sum(products(op.input(0), op, format, 4), bias);
  }

  /**
   * Input, depthwise weights, pointwise weights (rank 4) if there are any, bias if there is one.
   */
  private static long separable(OpDescriptor op) {
    TensorSpec result = op.output(0);
    boolean pointwise = isPointwise(op, 2);
    boolean bias = op.inputCount() > (pointwise ? 3 : 2);
    long weights = Extent.sum(op.input(1).length(), pointwise ? op.input(2).length() : 0);
    return Extent.sum(
        Extent.product(2, positions(result, op, FORMAT_2D), weights), bias ? result.length() : 0);
  }

  /**
   * Input, gradient, depthwise weights, pointwise weights if there are any, bias if there is one.
   * Without pointwise weights nothing has to be computed again.
   */
  private static long separableBackward(OpDescriptor op) {
    TensorSpec gradient = op.input(1);
    boolean pointwise = isPointwise(op, 3);
    boolean bias = op.inputCount() > (pointwise ? 4 : 3);
    long weights =
        Extent.sum(
            Extent.product(pointwise ? 3 : 2, op.input(2).length()),
            pointwise ? Extent.product(2, op.input(3).length()) : 0);
    return Extent.sum(
        Extent.product(2, positions(gradient, op, FORMAT_2D), weights),
        bias ? gradient.length() : 0);
  }

  private static boolean isPointwise(OpDescriptor op, int index) {
    return op.inputCount() > index && op.input(index).rank() == 4;
  }

  /** Elements of a window of weights [height, width, channels]. */
  private static long window(TensorSpec weights) {
    return Extent.product(weights.size(0), weights.size(1));
  }

  private static List<OpRule> pooling() {
    List<OpRule> rules = new ArrayList<>();
    add(rules, 2, "maxpool2d", "max(s, x)", "copy(s)");
    add(rules, 2, "max_pool_with_argmax", "x > s", "copy(s)");
    add(rules, 2, "avgpool2d", "s + x", "s / n");
    add(rules, 2, "pnormpool2d", "s + pow(abs(x), p)", "pow(s, q)");
    add(rules, 3, "maxpool3dnew", "max(s, x)", "copy(s)");
    add(rules, 3, "avgpool3dnew", "s + x", "s / n");
    addBackward(rules, 2, EVERY_ELEMENT, "maxpool2d_bp", "max(s, x)", "d + g");
    addBackward(rules, 2, Touched.ALL_BUT_FIRST_INPUT, "avgpool2d_bp", "d + g", "g / n");
    addBackward(
        rules,
        2,
        EVERY_ELEMENT,
        "pnormpool2d_bp",
        "s + pow(abs(x), p); d + g * (pow(abs(x), r) * sign(x))",
        "g * pow(s, q)");
    addBackward(rules, 3, EVERY_ELEMENT, "maxpool3dnew_bp", "max(s, x)", "d + g");
    addBackward(rules, 3, Touched.ALL_BUT_FIRST_INPUT, "avgpool3dnew_bp", "d + g", "g / n");
    return rules;
  }

  private static void add(
      List<OpRule> rules, int dimensions, String name, String perElement, String perResult) {
    long element = Arithmetic.flops(perElement);
    long result = Arithmetic.flops(perResult);
    rules.add(
        OpRule.of(
            OpFamily.CUSTOM,
            name,
            OpClass.REDUCTION,
            op -> pool(op, Extent.output(op), dimensions, element, result),
            perElement + ", per window element; then " + perResult + ", per output element"));
  }

  private static void addBackward(
      List<OpRule> rules,
      int dimensions,
      Traffic traffic,
      String name,
      String perElement,
      String perResult) {
    long element = Arithmetic.flops(perElement);
    long result = Arithmetic.flops(perResult);
    rules.add(
        new OpRule(
            OpFamily.CUSTOM,
            name,
            OpClass.REDUCTION,
            op -> pool(op, Extent.lastInput(op).length(), dimensions, element, result),
            traffic,
            perElement + ", per window element; then " + perResult + ", per gradient element"));
  }

  /** The first integer arguments are the window's extents; cut-off windows count in full. */
  private static long pool(
      OpDescriptor op, long results, int dimensions, long perElement, long perResult) {
    long window = 1;
    for (int dimension = 0; dimension < dimensions; dimension++) {
      window = Extent.product(window, op.integerArgument(dimension));
    }
    return Extent.product(results, Extent.sum(Extent.product(window, perElement), perResult));
  }

  private static List<OpRule> rearrangements() {
    List<OpRule> rules =
        new RuleList(OpFamily.CUSTOM, OpClass.DATA_MOVEMENT)
            .moves("windows copied side by side: no arithmetic", "im2col")
            .moves("copies of elements: no arithmetic", "upsampling2d", "upsampling3d")
            .moves("windows copied side by side: no arithmetic", "extract_image_patches")
            .rules();
    rules.addAll(
        new RuleList(OpFamily.CUSTOM, OpClass.REDUCTION).perInput("s + x", "col2im").rules());
    rules.addAll(
        new RuleList(OpFamily.CUSTOM, OpClass.REDUCTION, Touched.ALL_BUT_FIRST_INPUT)
            .perGradient("s + g", "im2col_bp", "upsampling2d_bp", "upsampling3d_bp")
            .rules());
    return rules;
  }
}
