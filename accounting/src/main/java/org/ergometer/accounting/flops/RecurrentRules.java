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

  /** Both products and the bias added for four gates; three sigmoids; candidate, cell, output. */
  private static final String LSTM_UNIT =
      "a + b + c; a + b + c; a + b + c; a + b + c; i = "
          + SIGMOID
          + "; f = "
          + SIGMOID
          + "; o = "
          + SIGMOID
          + "; c = f * c + i * tanh(z); h = o * tanh(c)";

  private static final String PEEPHOLE = "a + p * c; a + p * c; a + p * c";

  private static final String LSTM_UNIT_GRADIENT =
      "t = tanh(c); dc + dh * (o * (1 - t * t)); dout = dh * t; df = dc * c; di = dc * z;"
          + " dz = dc * i; dp = dc * f; do = dout * (o * (1 - o)); df = df * (f * (1 - f));"
          + " di = di * (i * (1 - i)); dz = dz * (1 - z * z); db + do; db + df; db + di; db + dz";

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
  private static final long PEEP = Arithmetic.flops(PEEPHOLE);
  private static final long GRU = Arithmetic.flops(GRU_UNIT);
  private static final long GRU_GRADIENT = Arithmetic.flops(GRU_UNIT_GRADIENT);
  private static final long SRU = Arithmetic.flops(SRU_UNIT);
  private static final long SRU_GRADIENT = Arithmetic.flops(SRU_UNIT_GRADIENT);
  private static final long RNN = Arithmetic.flops("tanh(a + b + c + d)");

  private RecurrentRules() {}

  static List<OpRule> all() {
    return new RuleList(OpFamily.CUSTOM, OpClass.RECURRENT)
        .all(op -> lstmLayer(op, 1), "2·positions·weights; " + LSTM_UNIT, "lstmLayer")
        .all(
            op -> lstmLayer(op, 3),
            "forward again, two products each; " + LSTM_UNIT_GRADIENT,
            "lstmLayer_bp")
        .all(op -> lstmCell(op, 1), "2·batch·weights; " + LSTM_UNIT, "lstmLayerCell")
        .all(
            op -> lstmCell(op, 3),
            "forward again, two products each; " + LSTM_UNIT_GRADIENT,
            "lstmLayerCellBp")
        .all(op -> lstmBlock(op, op.input(1), 4), "2·positions·weights; " + LSTM_UNIT, "lstmBlock")
        .all(op -> lstmBlock(op, op.input(0), 3), "2·batch·weights; " + LSTM_UNIT, "lstmBlockCell")
        .all(
            op -> separate(op, 3, 4, 4, LSTM + PEEP, true),
            "2·positions·weights; " + LSTM_UNIT + "; " + PEEPHOLE,
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
            op -> separate(op, 1, 2, 1, RNN, false),
            "2·positions·weights; tanh(a + b + c + d), per unit",
            "static_rnn",
            "dynamic_rnn")
        .all(
            RecurrentRules::bidirectional,
            "2·positions·weights; tanh(a + b + c + d), per unit, in both directions",
            "static_bidirectional_rnn",
            "dynamic_bidirectional_rnn")
        .all(op -> sru(op, 1, SRU), "2·positions·weights; " + SRU_UNIT, "sru", "sru_bi")
        .all(
            op -> sru(op, 3, SRU + SRU_GRADIENT),
            "forward again, two products each; " + SRU_UNIT_GRADIENT,
            "sru_bp",
            "sru_bi_bp")
        .all(RecurrentRules::sruCell, "2·batch·weights; gates per unit", "sruCell")
        .rules();
  }

  /**
   * Inputs: x, input weights [.., inputs, 4·units], recurrent weights [.., units, 4·units], …; with
   * two directions the weights hold both. The last input is a peephole vector if flag 4 is set.
   */
  private static long lstmLayer(OpDescriptor op, long products) {
    TensorSpec weights = op.input(1);
    long positions = Extent.quotient(op.input(0).length(), weights.size(-2));
    return lstm(op, positions, products);
  }

  private static long lstmCell(OpDescriptor op, long products) {
    return lstm(op, batch(op.input(0)), products);
  }

  private static long lstm(OpDescriptor op, long positions, long products) {
    TensorSpec weights = op.input(1);
    TensorSpec recurrent = op.input(2);
    long units = Extent.quotient(recurrent.length(), recurrent.size(-1));
    boolean peephole = op.booleanArgumentCount() > 4 && op.booleanArgument(4);
    long perUnit = LSTM + (peephole ? PEEP : 0) + (products > 1 ? LSTM_GRADIENT : 0);
    long multiplied =
        Extent.product(2 * products, Extent.sum(weights.length(), recurrent.length()));
    return Extent.product(positions, Extent.sum(multiplied, Extent.product(units, perUnit)));
  }

  /** Weights [inputs + units, 4·units] at {@code index}. */
  private static long lstmBlock(OpDescriptor op, TensorSpec x, int index) {
    TensorSpec weights = op.input(index);
    long units = weights.size(-1) / 4;
    long positions = Extent.quotient(x.length(), weights.size(0) - units);
    return Extent.product(
        positions,
        Extent.sum(Extent.product(2, weights.length()), Extent.product(units, LSTM + PEEP)));
  }

  /** Input and recurrent weights apart, each with {@code gates} columns per unit. */
  private static long separate(
      OpDescriptor op, int input, int recurrent, int gates, long perUnit, boolean projected) {
    TensorSpec weights = op.input(input);
    long positions = Extent.quotient(op.input(0).length(), weights.size(0));
    long units = weights.size(-1) / gates;
    long multiplied = Extent.sum(weights.length(), op.input(recurrent).length());
    boolean projection = projected && Extent.argument(op, 1, 0) != 0;
    if (projection) {
      multiplied = Extent.sum(multiplied, op.input(6).length());
    }
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
