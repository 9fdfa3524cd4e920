package org.ergometer.accounting.predict;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Part of a peak that somebody published a training run to use, to hold the conventions against;
 * the figures and their sources are in {@code published-utilization.csv}.
 *
 * @param shape of the model
 * @param devices that trained together
 * @param peak of one of them, FLOP/s
 * @param throughput tokens/s of all devices, or what says the same
 * @param figure {@code mfu}, {@code mfu_without_attention} or {@code hfu}
 * @param printed 0 to 1, rounded as printed
 * @param convention by which FLOPs of a token were counted
 * @param note what is to be said of it, or empty
 */
public record PublishedUtilization(
    String label,
    TransformerShape shape,
    long devices,
    double peak,
    Throughput throughput,
    String figure,
    BigDecimal printed,
    String convention,
    String note,
    String source) {

  private static final int COLUMNS = 13;
  private static final int MEGATRON_VOCABULARY = 51_200;
  private static final int MEGATRON_CONTEXT = 2048;

  private static final List<PublishedUtilization> ALL =
      SemicolonTable.rows("published-utilization.csv", COLUMNS).stream()
          .map(PublishedUtilization::parse)
          .toList();

  /**
   * What was done in a second, in the words of the source: one of the three.
   *
   * @param tokens a second, of all devices
   * @param sequences of the model's context in a step that took {@code stepSeconds}
   * @param deviceFlops FLOP/s of a device
   */
  public record Throughput(
      @Nullable Double tokens,
      @Nullable Long sequences,
      @Nullable Double stepSeconds,
      @Nullable Double deviceFlops) {

    private double tokens(TransformerShape shape) {
      return tokens != null
          ? tokens
          : (double) Objects.requireNonNull(sequences)
              * shape.context()
              / Objects.requireNonNull(stepSeconds);
    }
  }

  /** Every figure of the table. */
  public static List<PublishedUtilization> all() {
    return ALL;
  }

  /** The same figure by the row's convention. */
  public double ours() {
    Double achieved = throughput.deviceFlops;
    return achieved == null
        ? throughput.tokens(shape) * tokenFlops().doubleValue() / (devices * peak)
        : achieved * attentionFactor() / peak;
  }

  /** FLOPs of a token, forward, backward and what is recomputed. */
  private BigInteger tokenFlops() {
    BigInteger one = BigInteger.ONE;
    return switch (convention) {
      case "palm" -> Convention.PALM.flops(shape, one);
      case "six_n" -> Convention.SIX_N.flops(shape, one);
      case "palm_rematerialized" -> palmRematerialized();
      case "megatron" -> Convention.MEGATRON.flops(shape, one);
      case "megatron_selective" -> Convention.megatronSelective(shape, one);
      default -> throw unknown();
    };
  }

  /** Beside the model's: three quarters of 2·N, and attention's forward 4·L·H·k·T. */
  private BigInteger palmRematerialized() {
    BigInteger attention = product(4, shape.layers(), shape.attentionWidth(), shape.context());
    BigInteger products = product(3, shape.activeParameters()).divide(BigInteger.TWO);
    return Convention.PALM.flops(shape, BigInteger.ONE).add(products).add(attention);
  }

  /** FLOP/s that were published without attention's are more with them. */
  private double attentionFactor() {
    return switch (convention) {
      case "hardware" -> 1;
      case "hardware_with_attention" ->
          Convention.PALM.flops(shape, BigInteger.ONE).doubleValue()
              / Convention.SIX_N.flops(shape, BigInteger.ONE).doubleValue();
      default -> throw unknown();
    };
  }

  private IllegalStateException unknown() {
    return new IllegalStateException(
        "%s names the convention %s, which its row does not allow".formatted(label, convention));
  }

  private static BigInteger product(long... factors) {
    BigInteger product = BigInteger.ONE;
    for (long factor : factors) {
      product = product.multiply(BigInteger.valueOf(factor));
    }
    return product;
  }

  private static PublishedUtilization parse(String[] cells) {
    return new PublishedUtilization(
        cells[0],
        shape(cells[1]),
        Long.parseLong(cells[2]),
        PresetTable.number(cells[3]).doubleValue(),
        new Throughput(
            real(cells[4]),
            cells[5].isEmpty() ? null : Long.valueOf(cells[5]),
            real(cells[6]),
            real(cells[7])),
        cells[8],
        new BigDecimal(cells[9]),
        cells[10],
        cells[11],
        cells[12]);
  }

  private static @Nullable Double real(String cell) {
    BigDecimal number = PresetTable.numberOrNull(cell);
    return number == null ? null : (Double) number.doubleValue();
  }

  /** A preset's, or layers, width and heads with Megatron's vocabulary and context. */
  private static TransformerShape shape(String cell) {
    String[] sizes = cell.split(" ", -1);
    if (sizes.length == 1) {
      return Preset.named(cell).orElseThrow().shape();
    }
    return TransformerShape.gpt2(
        Integer.parseInt(sizes[0]),
        Integer.parseInt(sizes[1]),
        Integer.parseInt(sizes[2]),
        MEGATRON_VOCABULARY,
        MEGATRON_CONTEXT);
  }
}
