package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.TensorSpec;

/**
 * Recurrent layers and cells as native ops, counting what they do inside. Per position (one step of
 * one sequence) every weight is multiplied once and added; then come the gates, per unit.
 */
final class RecurrentRules {

  private static final String SIGMOID = "1 / (1 + exp(-a))";

  /** Three sigmoids; candidate, cell, output. */
  private static final String LSTM_UNIT =
      "i = "
          + SIGMOID
          + "; f = "
          + SIGMOID
          + "; o = "
          + SIGMOID
          + "; c = f * c + i * tanh(z); h = o * tanh(c)";

  /** Of inputs and of the output before, for four gates. */
  private static final String BOTH_PRODUCTS = "a + b; a + b; a + b; a + b";

  private static final String BIASES = "a + c; a + c; a + c; a + c";
  private static final String BIASES_GRADIENT = "db + do; db + df; db + di; db + dz";
  private static final String PEEPHOLES = "a + p * c; a + p * c; a + p * c";
  private static final String PEEPHOLES_GRADIENT =
      "dc + p * do; dp + do * c; dc + p * df; dp + df * c; dc + p * di; dp + di * c";
  private static final String FORGET_BIAS = "f + b";
  private static final String CLIP = "min(max(c, -l), l)";

  private static final String LSTM_UNIT_GRADIENT =
      "t = tanh(c); dc + dh * (o * (1 - t * t)); dout = dh * t; df = dc * c; di = dc * z;"
          + " dz = dc * i; dp = dc * f; do = dout * (o * (1 - o)); df = df * (f * (1 - f));"
          + " di = di * (i * (1 - i)); dz = dz * (1 - z * z)";

  private static final String GRU_UNIT =
      "r = 1 / (1 + exp(-(a + b + c))); u = 1 / (1 + exp(-(a + b + c))); k = tanh(a + r * b + c);"
          + " h = u * h + (1 - u) * k";

  private static final String GRU_UNIT_GRADIENT =
      "dk = dh * (1 - u); du = dh * (h - k); dp = dh * u; dk * (1 - k * k); du * (u * (1 - u));"
          + " dr = dk * b; dr * (r * (1 - r)); db + dk; db + du; db + dr; dp + dr";

  private static final String SRU_UNIT =
      "f = 1 / (1 + exp(-(a + b))); r = 1 / (1 + exp(-(a + b)));"
          + " c = f * (c - z) + z; h = r * (tanh(c) - x) + x";

  private static final String SRU_UNIT_GRADIENT =
      "dr = dh * (t - x) * (r * (1 - r)); dt = dh * r; dx = dh - dt; dc + dt * (1 - t * t);"
          + " df = dc * (p - z) * (f * (1 - f)); dz = dc - dc * f; dp = dc * f; db + dr; db + df";

  private static final long LSTM = Arithmetic.flops(LSTM_UNIT);
  private static final long LSTM_GRADIENT = Arithmetic.flops(LSTM_UNIT_GRADIENT);
  private static final long BOTH = Arithmetic.flops(BOTH_PRODUCTS);
  private static final long BIAS = Arithmetic.flops(BIASES);
  private static final long BIAS_GRADIENT = Arithmetic.flops(BIASES_GRADIENT);
  private static final long PEEP = Arithmetic.flops(PEEPHOLES);
  private static final long PEEP_GRADIENT = Arithmetic.flops(PEEPHOLES_GRADIENT);
  private static final long FORGET = Arithmetic.flops(FORGET_BIAS);
  private static final long CLIPPED = Arithmetic.flops(CLIP);

  private static final String OPTIONS =
      "; with biases " + BIASES + "; with peepholes " + PEEPHOLES + "; with a limit " + CLIP;

  private static final String OPTIONS_GRADIENT =
      "; with biases " + BIASES_GRADIENT + "; with peepholes " + PEEPHOLES_GRADIENT;
  private static final long GRU = Arithmetic.flops(GRU_UNIT);
  private static final long GRU_GRADIENT = Arithmetic.flops(GRU_UNIT_GRADIENT);
  private static final long SRU = Arithmetic.flops(SRU_UNIT);
  private static final long SRU_GRADIENT = Arithmetic.flops(SRU_UNIT_GRADIENT);
  private static final long SRU_MASK = Arithmetic.flops("x * m");
  private static final long RNN = Arithmetic.flops("tanh(a + b + c + d)");

  private RecurrentRules() {}

  static List<OpRule> all() {
    return new RuleList(OpFamily.CUSTOM, OpClass.RECURRENT)
        .all(
            op -> lstmLayer(op, 1),
            "2·positions·weights; " + BOTH_PRODUCTS + "; " + LSTM_UNIT + OPTIONS,
            "lstmLayer")
        .all(
            op -> lstmLayer(op, 3),
            "forward again, two products each; " + LSTM_UNIT_GRADIENT + OPTIONS_GRADIENT,
            "lstmLayer_bp")
        .all(
            op -> lstmCell(op, 1),
            "2·batch·weights; " + BOTH_PRODUCTS + "; " + LSTM_UNIT + OPTIONS,
            "lstmLayerCell")
        .all(
            op -> lstmCell(op, 3),
            "forward again, two products each; " + LSTM_UNIT_GRADIENT + OPTIONS_GRADIENT,
            "lstmLayerCellBp")
        .all(
            op -> lstmBlock(op, op.input(1), 4),
            "2·positions·weights; " + LSTM_UNIT + OPTIONS + "; with a forget bias " + FORGET_BIAS,
            "lstmBlock")
        .all(
            op -> lstmBlock(op, op.input(0), 3),
            "2·batch·weights; " + LSTM_UNIT + OPTIONS + "; with a forget bias " + FORGET_BIAS,
            "lstmBlockCell")
        .all(
            RecurrentRules::lstmOfFourArguments,
            "2·positions·weights; "
                + BOTH_PRODUCTS
                + "; "
                + LSTM_UNIT
                + OPTIONS
                + "; with a forget bias "
                + FORGET_BIAS,
            "lstm",
            "lstmCell")
        .all(op -> gru(op, 1), "2·positions·weights; " + GRU_UNIT, "gru")
        .all(op -> gru(op, 3), "forward again, two products each; " + GRU_UNIT_GRADIENT, "gru_bp")
        .all(op -> gruCell(op, 1), "2·batch·weights; " + GRU_UNIT, "gruCell")
        .all(
            op -> gruCell(op, 3),
            "forward again, two products each; " + GRU_UNIT_GRADIENT,
            "gruCell_bp")
        .all(
            op -> separate(op, 1, 2, 1, RNN),
            "2·positions·weights; tanh(a + b + c + d), per unit",
            "static_rnn",
            "dynamic_rnn")
        .all(
            RecurrentRules::bidirectional,
            "2·positions·weights; tanh(a + b + c + d), per unit, in both directions",
            "static_bidirectional_rnn",
            "dynamic_bidirectional_rnn")
        .all(
            op -> sru(op, 1, SRU + (op.inputCount() > 4 ? SRU_MASK : 0)),
            "2·positions·weights; " + SRU_UNIT + "; with a mask x * m",
            "sru",
            "sru_bi")
        .all(
            op -> sru(op, 3, SRU + SRU_GRADIENT + (op.inputCount() > 7 ? 2 * SRU_MASK : 0)),
            "forward again, two products each; " + SRU_UNIT_GRADIENT + "; with a mask dx * m",
            "sru_bp",
            "sru_bi_bp")
        .all(RecurrentRules::sruCell, "2·batch·weights; gates per unit", "sruCell")
        .rules();
  }

  /**
   * Inputs: x, input weights [.., inputs, 4·units], recurrent weights [.., units, 4·units], …; with
   * two directions the weights hold both. Flags: 0 biases, 4 peepholes; real argument: limit of the
   * cell.
   */
  private static long lstmLayer(OpDescriptor op, long products) {
    TensorSpec weights = op.input(1);
    long positions = Extent.quotient(op.input(0).length(), weights.size(-2));
    return lstm(op, positions, products, Extent.flag(op, 4));
  }

  /** Likewise for one step; flags: 0 biases, 1 peepholes. */
  private static long lstmCell(OpDescriptor op, long products) {
    return lstm(op, batch(op.input(0)), products, Extent.flag(op, 1));
  }

  private static long lstm(OpDescriptor op, long positions, long products, boolean peepholes) {
    TensorSpec weights = op.input(1);
    TensorSpec recurrent = op.input(2);
    long units = Extent.quotient(recurrent.length(), recurrent.size(-1));
    boolean biases = Extent.flag(op, 0);
    long perUnit = BOTH + LSTM + (biases ? BIAS : 0) + (peepholes ? PEEP : 0) + limit(op, 0);
    if (products > 1) {
      perUnit += LSTM_GRADIENT + (biases ? BIAS_GRADIENT : 0) + (peepholes ? PEEP_GRADIENT : 0);
    }
    long multiplied =
        Extent.product(2 * products, Extent.sum(weights.length(), recurrent.length()));
    return Extent.product(positions, Extent.sum(multiplied, Extent.product(units, perUnit)));
  }

  /**
   * Weights [inputs + units, 4·units] at {@code index}: one product of both side by side. Integer
   * argument: whether there are peepholes; real ones: bias of the forget gate, limit of the cell.
   */
  private static long lstmBlock(OpDescriptor op, TensorSpec x, int index) {
    TensorSpec weights = op.input(index);
    long units = weights.size(-1) / 4;
    long positions = Extent.quotient(x.length(), weights.size(0) - units);
    long perUnit = BIAS + LSTM + peepholes(op) + forgetBias(op, 0) + limit(op, 1);
    return Extent.product(
        positions, Extent.sum(Extent.product(2, weights.length()), Extent.product(units, perUnit)));
  }

  /**
   * Weights of inputs and of the output before apart. Integer arguments: whether there are
   * peepholes, and a projection; real ones: limits of cell and projection, bias of the forget gate.
   */
  private static long lstmOfFourArguments(OpDescriptor op) {
    long perUnit = BOTH + BIAS + LSTM + peepholes(op) + forgetBias(op, 2) + limit(op, 0);
    long projected = 0;
    if (Extent.argument(op, 1, 0) != 0) {
      TensorSpec projection = op.input(6);
      long positions = Extent.quotient(op.input(0).length(), op.input(3).size(0));
      long perPosition =
          Extent.sum(
              Extent.product(2, projection.length()),
              Extent.product(limit(op, 1), projection.size(-1)));
      projected = Extent.product(positions, perPosition);
    }
    return Extent.sum(separate(op, 3, 4, 4, perUnit), projected);
  }

  private static long peepholes(OpDescriptor op) {
    return Extent.argument(op, 0, 0) != 0 ? PEEP : 0;
  }

  private static long forgetBias(OpDescriptor op, int argument) {
    return Extent.real(op, argument) != 0 ? FORGET : 0;
  }

  /** What it takes to keep a value within the limit in a real argument; 0 is none. */
  private static long limit(OpDescriptor op, int argument) {
    return Extent.real(op, argument) != 0 ? CLIPPED : 0;
  }

  /** Input and recurrent weights apart, each with {@code gates} columns per unit. */
  private static long separate(OpDescriptor op, int input, int recurrent, int gates, long perUnit) {
    TensorSpec weights = op.input(input);
    long positions = Extent.quotient(op.input(0).length(), weights.size(0));
    long units = weights.size(-1) / gates;
    long multiplied = Extent.sum(weights.length(), op.input(recurrent).length());
    return Extent.product(
        positions, Extent.sum(Extent.product(2, multiplied), Extent.product(units, perUnit)));
  }

  /** Inputs: x [time, batch, inputs], h, weights [inputs, 3·units], recurrent weights, bias. */
  private static long gru(OpDescriptor op, long products) {
    TensorSpec weights = op.input(2);
    long positions = Extent.quotient(op.input(0).length(), weights.size(0));
    long units = weights.size(-1) / 3;
    long multiplied =
        Extent.product(2 * products, Extent.sum(weights.length(), op.input(3).length()));
    long perUnit = GRU + (products > 1 ? GRU_GRADIENT : 0);
    return Extent.product(positions, Extent.sum(multiplied, Extent.product(units, perUnit)));
  }

  /** Inputs: x [batch, inputs], h [batch, units], gate weights, candidate weights, biases. */
  private static long gruCell(OpDescriptor op, long products) {
    TensorSpec hidden = op.input(1);
    long units = hidden.size(-1);
    long multiplied =
        Extent.product(2 * products, Extent.sum(op.input(2).length(), op.input(3).length()));
    long perUnit = GRU + (products > 1 ? GRU_GRADIENT : 0);
    return Extent.product(
        batch(op.input(0)), Extent.sum(multiplied, Extent.product(units, perUnit)));
  }

  /** Inputs: x, then weights, recurrent weights and bias of each direction. */
  private static long bidirectional(OpDescriptor op) {
    TensorSpec forward = op.input(1);
    long positions = Extent.quotient(op.input(0).length(), forward.size(0));
    long weights =
        Extent.sum(
            Extent.sum(forward.length(), op.input(2).length()),
            Extent.sum(op.input(4).length(), op.input(5).length()));
    long units = Extent.sum(forward.size(-1), op.input(4).size(-1));
    return Extent.product(
        positions, Extent.sum(Extent.product(2, weights), Extent.product(units, RNN)));
  }

  /** Inputs: x, weights with all units' columns, …; each element of x is a unit of one position. */
  private static long sru(OpDescriptor op, long products, long perUnit) {
    TensorSpec weights = op.input(1);
    long inputs = Math.min(weights.size(0), weights.size(1));
    long positions = Extent.quotient(op.input(0).length(), inputs);
    return Extent.sum(
        Extent.product(2 * products, positions, weights.length()),
        Extent.product(perUnit, op.input(0).length()));
  }

  /** Inputs: x [batch, inputs], c, weights [inputs, 3·inputs], bias. */
  private static long sruCell(OpDescriptor op) {
    long units = op.input(0).size(-1);
    return Extent.product(
        batch(op.input(0)),
        Extent.sum(Extent.product(2, op.input(2).length()), Extent.product(units, SRU)));
  }

  private static long batch(TensorSpec x) {
    return Extent.quotient(x.length(), x.size(-1));
  }
}
