package org.ergometer.accounting.ledger;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;

/**
 * A snapshot as text for people: FLOPs by layer and phase, by op class and by element type, and
 * what could not be counted. Rounded to four digits; the exact integers are in the snapshot.
 */
public final class LedgerTable {

  private static final String[] PREFIXES = {
    "", " k", " M", " G", " T", " P", " E", " Z", " Y", " R", " Q"
  };
  private static final int GROUP = 1000;

  /** What would be written as 1000.0. */
  private static final double ROUNDED_UP = 999.95;

  private LedgerTable() {}

  /** The whole report, lines ended by {@code \n}. */
  public static String of(LedgerSnapshot snapshot) {
    StringBuilder text = new StringBuilder();
    text.append("FLOPs by layer and phase (multiply-add = 2, counted from executed ops)\n");
    text.append(byLayerAndPhase(snapshot));
    text.append("\nFLOPs, bytes and FLOPs per byte by op class\n").append(byOpClass(snapshot));
    text.append("\nFLOPs by data type\n");
    text.append(shares(snapshot, LedgerEntry::type, type -> type.label()));
    text.append("\nBytes read ").append(amount(snapshot.bytesRead()));
    text.append(", written ").append(amount(snapshot.bytesWritten()));
    if (snapshot.footprint().signum() > 0) { // older runs did not tell it
      text.append(", of distinct memory ").append(amount(snapshot.footprint()));
    }
    text.append(", in ").append(String.format(Locale.ROOT, "%,d", snapshot.executions()));
    text.append(" ops\n").append(gaps(snapshot));
    return text.toString();
  }

  /** FLOPs by layer and phase: a line a layer in natural order, a column a phase that occurred. */
  public static String byLayerAndPhase(LedgerSnapshot snapshot) {
    Set<Phase> phases = EnumSet.noneOf(Phase.class);
    snapshot.entries().stream().filter(LedgerTable::counted).forEach(e -> phases.add(e.phase()));
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("layer"));
    phases.forEach(phase -> head.add(phase.label()));
    head.addAll(List.of("total", "share", "bytes", "FLOP/B"));
    rows.add(head);
    BigInteger total = snapshot.flops();
    for (String layer : layers(snapshot)) {
      rows.add(row(layer, snapshot.where(entry -> entry.layer().equals(layer)), phases, total));
    }
    rows.add(row("total", snapshot, phases, total));
    return layout(rows);
  }

  /** A count with an SI prefix and four digits, such as {@code 12.58 G}. */
  public static String amount(BigInteger count) {
    double value = count.doubleValue();
    int prefix = 0;
    while (value >= ROUNDED_UP && prefix < PREFIXES.length - 1) {
      value /= GROUP;
      prefix++;
    }
    if (prefix == 0) {
      return count.toString();
    }
    if (value >= ROUNDED_UP) {
      return String.format(Locale.ROOT, "%.3e", count.doubleValue());
    }
    int decimals = value >= 99.995 ? 1 : value >= 9.9995 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + decimals + "f", value) + PREFIXES[prefix];
  }

  private static List<String> row(
      String name, LedgerSnapshot part, Set<Phase> phases, BigInteger whole) {
    Map<Phase, BigInteger> byPhase = part.flopsBy(LedgerEntry::phase);
    List<String> row = new ArrayList<>(List.of(name));
    for (Phase phase : phases) {
      BigInteger flops = byPhase.getOrDefault(phase, BigInteger.ZERO);
      row.add(flops.signum() == 0 ? "-" : amount(flops));
    }
    row.add(amount(part.flops()));
    row.add(share(part.flops(), whole));
    row.addAll(traffic(part));
    return row;
  }

  private static String byOpClass(LedgerSnapshot snapshot) {
    List<List<String>> rows = new ArrayList<>();
    for (OpClass opClass : OpClass.values()) {
      LedgerSnapshot part = snapshot.where(entry -> entry.opClass() == opClass);
      if (!part.entries().isEmpty()) {
        List<String> row =
            new ArrayList<>(
                List.of(
                    opClass.label(), amount(part.flops()), share(part.flops(), snapshot.flops())));
        row.addAll(traffic(part));
        rows.add(row);
      }
    }
    return layout(rows);
  }

  /** Bytes read and written, and the arithmetic intensity. */
  private static List<String> traffic(LedgerSnapshot part) {
    OptionalDouble intensity = part.flopsPerByte();
    return List.of(
        amount(part.bytesRead().add(part.bytesWritten())),
        intensity.isEmpty() ? "-" : String.format(Locale.ROOT, "%.2f", intensity.getAsDouble()));
  }

  private static <K extends Comparable<K>> String shares(
      LedgerSnapshot snapshot, Function<LedgerEntry, K> property, Function<K, String> label) {
    BigInteger total = snapshot.flops();
    List<Map.Entry<K, BigInteger>> parts = new ArrayList<>(snapshot.flopsBy(property).entrySet());
    parts.removeIf(part -> part.getValue().signum() == 0);
    parts.sort(Map.Entry.<K, BigInteger>comparingByValue().reversed());
    List<List<String>> rows = new ArrayList<>();
    for (Map.Entry<K, BigInteger> part : parts) {
      rows.add(
          List.of(
              label.apply(part.getKey()), amount(part.getValue()), share(part.getValue(), total)));
    }
    return layout(rows);
  }

  private static String gaps(LedgerSnapshot snapshot) {
    StringBuilder text = new StringBuilder();
    Map<String, Long> unaccounted = snapshot.unaccounted();
    text.append("Ops without a formula: ");
    text.append(unaccounted.isEmpty() ? "0" : unaccounted.toString()).append('\n');
    if (snapshot.accountingErrors() > 0) {
      text.append("Ops that could not be booked: ").append(snapshot.accountingErrors());
      text.append(" (the totals are too low by them)\n");
    }
    return text.toString();
  }

  private static boolean counted(LedgerEntry entry) {
    return entry.flops().signum() > 0;
  }

  private static List<String> layers(LedgerSnapshot snapshot) {
    return snapshot.entries().stream()
        .filter(LedgerTable::counted)
        .map(LedgerEntry::layer)
        .distinct()
        .sorted(LedgerTable::compareLayers)
        .toList();
  }

  /** Digits compare as numbers, so that block 10 follows block 9; work of no layer comes last. */
  private static int compareLayers(String left, String right) {
    boolean leftNone = left.equals(Scope.NO_LAYER);
    if (leftNone || right.equals(Scope.NO_LAYER)) {
      return Boolean.compare(leftNone, right.equals(Scope.NO_LAYER));
    }
    String[] leftParts = left.split("\\.", -1);
    String[] rightParts = right.split("\\.", -1);
    for (int part = 0; part < Math.min(leftParts.length, rightParts.length); part++) {
      int order = compareParts(leftParts[part], rightParts[part]);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(leftParts.length, rightParts.length);
  }

  private static int compareParts(String left, String right) {
    boolean numbers = left.matches("\\d{1,9}") && right.matches("\\d{1,9}");
    return numbers
        ? Integer.compare(Integer.parseInt(left), Integer.parseInt(right))
        : left.compareTo(right);
  }

  private static String share(BigInteger part, BigInteger whole) {
    return whole.signum() == 0
        ? "-"
        : String.format(Locale.ROOT, "%.2f %%", 100 * part.doubleValue() / whole.doubleValue());
  }

  /** Columns as wide as their widest cell; the first is aligned left, the others right. */
  private static String layout(List<List<String>> rows) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    List<Integer> widths = new ArrayList<>(Collections.nCopies(columns, 0));
    for (List<String> row : rows) {
      for (int column = 0; column < row.size(); column++) {
        widths.set(column, Math.max(widths.get(column), row.get(column).length()));
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      text.append("  ");
      for (int column = 0; column < row.size(); column++) {
        String cell = row.get(column);
        String padding = " ".repeat(widths.get(column) - cell.length());
        text.append(column == 0 ? cell + padding : "  " + padding + cell);
      }
      text.append('\n');
    }
    return text.toString();
  }
}
