package org.ergometer.accounting.ledger;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.ergometer.accounting.op.OpClass;

/**
 * Totals of a {@link Ledger} at one instant; every view of them is a sum over the same entries, so
 * that phases, layers, classes and types always add up to the same total.
 *
 * @param accountingErrors ops that were executed and could not be booked
 */
public record LedgerSnapshot(List<LedgerEntry> entries, long accountingErrors) {

  private static final Comparator<LedgerEntry> ORDER =
      Comparator.comparing(LedgerEntry::layer)
          .thenComparing(LedgerEntry::phase)
          .thenComparing(LedgerEntry::family)
          .thenComparing(LedgerEntry::op)
          .thenComparing(LedgerEntry::type);

  public LedgerSnapshot {
    entries = entries.stream().sorted(ORDER).toList();
  }

  /** Entries that satisfy a condition, as a snapshot of their own. */
  public LedgerSnapshot where(Predicate<LedgerEntry> condition) {
    return new LedgerSnapshot(entries.stream().filter(condition).toList(), accountingErrors);
  }

  /**
   * What was booked between an earlier snapshot of the same ledger and this one; entries in which
   * nothing happened are left out.
   */
  public LedgerSnapshot minus(LedgerSnapshot earlier) {
    Map<LedgerEntry, LedgerEntry> before = new TreeMap<>(ORDER);
    earlier.entries.forEach(entry -> before.put(entry, entry));
    List<LedgerEntry> differences = new ArrayList<>();
    for (LedgerEntry entry : entries) {
      LedgerEntry start = before.get(entry);
      LedgerEntry difference = start == null ? entry : entry.minus(start);
      if (!difference.isEmpty()) {
        differences.add(difference);
      }
    }
    return new LedgerSnapshot(differences, accountingErrors - earlier.accountingErrors);
  }

  /** What this and another snapshot hold together, such as those of two processes of a run. */
  public LedgerSnapshot plus(LedgerSnapshot other) {
    Map<LedgerEntry, LedgerEntry> sums = new TreeMap<>(ORDER);
    entries.forEach(entry -> sums.put(entry, entry));
    other.entries.forEach(entry -> sums.merge(entry, entry, LedgerEntry::plus));
    return new LedgerSnapshot(
        List.copyOf(sums.values()), Math.addExact(accountingErrors, other.accountingErrors));
  }

  /** FLOPs of all entries; multiply-add = 2. */
  public BigInteger flops() {
    return sum(LedgerEntry::flops);
  }

  /** FLOPs of the matrix products alone. */
  public BigInteger matmulFlops() {
    return where(entry -> entry.opClass() == OpClass.MATMUL).flops();
  }

  public BigInteger bytesRead() {
    return sum(LedgerEntry::bytesRead);
  }

  public BigInteger bytesWritten() {
    return sum(LedgerEntry::bytesWritten);
  }

  /** Bytes of distinct memory that each op touched, summed over the ops. */
  public BigInteger footprint() {
    return sum(LedgerEntry::footprint);
  }

  /**
   * Arithmetic intensity: FLOPs for each byte of tensors that was read or written (Williams,
   * Waterman and Patterson 2009); empty where none was.
   */
  public OptionalDouble flopsPerByte() {
    BigInteger bytes = bytesRead().add(bytesWritten());
    return bytes.signum() == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(flops().doubleValue() / bytes.doubleValue());
  }

  /** Number of executed ops. */
  public long executions() {
    return entries.stream().mapToLong(LedgerEntry::executions).sum();
  }

  /** FLOPs by any property of an entry, in the property's natural order. */
  public <K extends Comparable<K>> Map<K, BigInteger> flopsBy(Function<LedgerEntry, K> property) {
    return entries.stream()
        .collect(
            Collectors.groupingBy(
                property,
                TreeMap::new,
                Collectors.reducing(BigInteger.ZERO, LedgerEntry::flops, BigInteger::add)));
  }

  /**
   * Executed ops without a formula, by name, with the number of executions; their FLOPs are
   * unknown.
   */
  public Map<String, Long> unaccounted() {
    return entries.stream()
        .filter(entry -> entry.opClass() == OpClass.UNACCOUNTED && entry.executions() > 0)
        .collect(
            Collectors.groupingBy(
                LedgerEntry::op, TreeMap::new, Collectors.summingLong(LedgerEntry::executions)));
  }

  private BigInteger sum(Function<LedgerEntry, BigInteger> amount) {
    return entries.stream().map(amount).reduce(BigInteger.ZERO, BigInteger::add);
  }
}
