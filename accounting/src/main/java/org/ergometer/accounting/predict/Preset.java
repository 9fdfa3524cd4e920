package org.ergometer.accounting.predict;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model that people know, by name; the figures and their sources are in {@code presets.csv}.
 *
 * @param tokens it was trained on, as published; null if unknown or not one number
 * @param parameters as published: all digits where {@code exact}
 * @param exact whether {@code parameters} was counted from the released model; it is rounded as
 *     printed otherwise
 * @param note what is wrong with the published figures, or empty
 */
public record Preset(
    String name,
    List<String> otherNames,
    TransformerShape shape,
    @Nullable BigDecimal tokens,
    BigDecimal parameters,
    boolean exact,
    String note,
    String source) {

  public Preset {
    otherNames = List.copyOf(otherNames);
  }

  /** Every preset of the table. */
  public static List<Preset> all() {
    return PresetTable.PRESETS;
  }

  /** The preset of a name such as {@code gpt2-124m}; case and underscores do not matter. */
  public static Optional<Preset> named(String text) {
    String wanted = simplified(text);
    return all().stream()
        .filter(preset -> preset.allNames().anyMatch(name -> simplified(name).equals(wanted)))
        .findFirst();
  }

  /** Every name of every preset. */
  public static List<String> names() {
    return all().stream().flatMap(Preset::allNames).toList();
  }

  private Stream<String> allNames() {
    return Stream.concat(Stream.of(name), otherNames.stream());
  }

  private static String simplified(String name) {
    return name.strip().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
