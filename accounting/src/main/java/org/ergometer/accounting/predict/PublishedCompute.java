package org.ergometer.accounting.predict;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Training compute as somebody published it, to hold the conventions against; the figures and their
 * sources are in {@code published.csv}.
 *
 * @param preset the model's shape; null where only its number of parameters is used
 * @param parameters that were multiplied; null where there is a shape
 * @param tokens null where devices and hours are all that was published
 * @param deviceHours devices times hours; null where nothing is said of them
 * @param flopsPerSecond that a device did, by the publisher's account; null as well
 * @param flops of the whole training, rounded as printed
 * @param convention the one the figure agrees with, by key
 * @param note what is to be said of it, or empty
 */
public record PublishedCompute(
    String label,
    @Nullable Preset preset,
    @Nullable BigDecimal parameters,
    @Nullable BigDecimal tokens,
    @Nullable BigDecimal deviceHours,
    @Nullable BigDecimal flopsPerSecond,
    BigDecimal flops,
    String convention,
    String note,
    String source) {

  /** Half of an encoder-decoder's parameters see each token (Brown et al. 2020, table D.1). */
  private static final String THREE_N = "three_n";

  /** Four forward passes for three, where everything is recomputed (Rae et al. 2021). */
  private static final String BODY_RECOMPUTED = "chinchilla_body_recomputed";

  /** Devices, hours and what a device did in a second, multiplied. */
  private static final String HARDWARE = "hardware";

  private static final BigDecimal SECONDS_PER_HOUR = BigDecimal.valueOf(3600);

  private static final List<PublishedCompute> ALL =
      SemicolonTable.rows("published.csv", 10).stream().map(PublishedCompute::parse).toList();

  /** Every figure of the table. */
  public static List<PublishedCompute> all() {
    return ALL;
  }

  /** The same figure by every convention that its row has what it needs for, by key. */
  public Map<String, BigInteger> ours() {
    Map<String, BigInteger> ours = new LinkedHashMap<>();
    if (deviceHours != null && flopsPerSecond != null) {
      ours.put(
          HARDWARE, deviceHours.multiply(SECONDS_PER_HOUR).multiply(flopsPerSecond).toBigInteger());
    }
    if (tokens != null) {
      putConventions(ours, tokens.toBigIntegerExact());
    }
    return ours;
  }

  private void putConventions(Map<String, BigInteger> ours, BigInteger wholeTokens) {
    Map<Convention, BigInteger> known =
        preset == null
            ? new EnumMap<>(Convention.class)
            : Convention.ofRun(preset.shape(), wholeTokens);
    if (parameters != null) {
      BigInteger product = parameters.toBigIntegerExact().multiply(wholeTokens);
      if (convention.equals(THREE_N)) {
        ours.put(THREE_N, product.multiply(BigInteger.valueOf(3)));
        return;
      }
      known.put(Convention.SIX_N, product.multiply(BigInteger.valueOf(6)));
    }
    known.forEach((key, count) -> ours.put(key.key(), count));
    BigInteger body = known.get(Convention.CHINCHILLA_BODY);
    if (body != null && convention.equals(BODY_RECOMPUTED)) {
      ours.put(BODY_RECOMPUTED, body.multiply(BigInteger.valueOf(4)).divide(BigInteger.valueOf(3)));
    }
  }

  private static PublishedCompute parse(String[] cells) {
    return new PublishedCompute(
        cells[0],
        cells[1].isEmpty() ? null : Preset.named(cells[1]).orElseThrow(),
        PresetTable.numberOrNull(cells[2]),
        PresetTable.numberOrNull(cells[3]),
        PresetTable.numberOrNull(cells[4]),
        PresetTable.numberOrNull(cells[5]),
        new BigDecimal(cells[6]),
        cells[7],
        cells[8],
        cells[9]);
  }
}
