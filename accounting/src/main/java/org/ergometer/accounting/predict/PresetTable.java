package org.ergometer.accounting.predict;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads {@code presets.csv}, when it is first asked for. */
final class PresetTable {

  static final List<Preset> PRESETS = read();

  private static final int COLUMNS = 18;

  private PresetTable() {}

  private static List<Preset> read() {
    return SemicolonTable.rows("presets.csv", COLUMNS).stream().map(PresetTable::parse).toList();
  }

  private static Preset parse(String[] cells) {
    String parameters = cells[15];
    return new Preset(
        cells[0],
        Stream.of(cells[1].split(",", -1)).filter(name -> !name.isEmpty()).toList(),
        shape(cells),
        cells[14].isEmpty() ? null : number(cells[14]),
        number(parameters),
        Character.isDigit(parameters.charAt(parameters.length() - 1)),
        cells[16],
        cells[17]);
  }

  private static TransformerShape shape(String[] cells) {
    Map<String, Integer> flags = flags(cells[13]);
    int width = Integer.parseInt(cells[3]);
    int heads = Integer.parseInt(cells[4]);
    int vocabulary = Integer.parseInt(cells[11]);
    int context = Integer.parseInt(cells[12]);
    int headDim =
        cells[6].isEmpty() ? TransformerShape.headDim(width, heads) : Integer.parseInt(cells[6]);
    TransformerShapeBuilder shape =
        TransformerShape.gpt2(
                Integer.parseInt(cells[2]), heads * headDim, heads, vocabulary, context)
            .toBuilder()
            .width(width)
            .keyValueHeads(whole(cells[5], heads))
            .feedForward(whole(cells[7], TransformerShape.fourfold(width)))
            .activation(Activation.valueOf(cells[8].toUpperCase(Locale.ROOT)))
            .norm(Norm.valueOf(cells[9].toUpperCase(Locale.ROOT)))
            .positions(Positions.valueOf(cells[10].toUpperCase(Locale.ROOT)))
            .experts(flags.getOrDefault("experts", 1), flags.getOrDefault("active", 1))
            .sharedExperts(flags.getOrDefault("shared", 0))
            .denseLayers(flags.getOrDefault("dense", 0), flags.getOrDefault("dense-ffn", 0))
            .routerBias(flags.containsKey("router-bias"))
            .blockNorms(flags.getOrDefault("norms", 2))
            .embeddingNorm(flags.containsKey("embedding-norm"))
            .finalNorm(!flags.containsKey("no-final-norm"))
            .tied(flags.containsKey("tied"))
            .bias(flags.containsKey("bias"))
            .qkvBias(flags.containsKey("bias") || flags.containsKey("qkv-bias"))
            .normBias(flags.containsKey("bias") || flags.containsKey("norm-bias"))
            .qkNorm(flags.containsKey("qk-norm"));
    Integer latent = flags.get("kv-latent");
    if (latent != null) {
      shape.latent(
          new LatentAttention(
              flags.getOrDefault("query-latent", 0),
              latent,
              flags.getOrDefault("rotary", headDim),
              flags.getOrDefault("value", headDim)));
    }
    Integer rows = flags.get("rows");
    return (rows == null ? shape : shape.positionRows(rows)).build();
  }

  /** Words, some with a number: {@code tied bias rows=2050}. */
  private static Map<String, Integer> flags(String cell) {
    Map<String, Integer> flags = new HashMap<>();
    for (String word : cell.split(" ", -1)) {
      int equals = word.indexOf('=');
      flags.put(
          equals < 0 ? word : word.substring(0, equals),
          equals < 0 ? 1 : Integer.valueOf(word.substring(equals + 1)));
    }
    return flags;
  }

  private static int whole(String cell, int otherwise) {
    return cell.isEmpty() ? otherwise : Integer.parseInt(cell);
  }

  /** Digits with an optional M, B or T. */
  static BigDecimal number(String cell) {
    int power = "..M..B..T".indexOf(cell.charAt(cell.length() - 1));
    return power < 0
        ? new BigDecimal(cell)
        : new BigDecimal(cell.substring(0, cell.length() - 1))
            .scaleByPowerOfTen(power == 2 ? 6 : power == 5 ? 9 : 12);
  }

  static @Nullable BigDecimal numberOrNull(String cell) {
    return cell.isEmpty() ? null : number(cell);
  }
}
