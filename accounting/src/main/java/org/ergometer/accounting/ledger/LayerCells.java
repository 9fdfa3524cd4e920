package org.ergometer.accounting.ledger;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.Phase;
import org.jspecify.annotations.Nullable;

/**
 * The cells of one layer: a chained hash table whose look-up takes no key object, so that it
 * allocates only when a cell is new.
 */
final class LayerCells {

  private static final int INITIAL_BUCKETS = 64;

  private @Nullable Cell[] buckets = new @Nullable Cell[INITIAL_BUCKETS];
  private int size;

  Cell find(Phase phase, OpRule rule, ElementType type) {
    int hash = hash(phase, rule, type);
    for (Cell cell = buckets[hash & (buckets.length - 1)]; cell != null; cell = cell.next()) {
      if (cell.isFor(phase, rule, type)) {
        return cell;
      }
    }
    return insert(phase, rule, type);
  }

  /** Copies of all cells as they are now. */
  List<Cell> copies() {
    List<Cell> copies = new ArrayList<>(size);
    for (Cell first : buckets) {
      for (Cell cell = first; cell != null; cell = cell.next()) {
        copies.add(cell.copy());
      }
    }
    return copies;
  }

  private Cell insert(Phase phase, OpRule rule, ElementType type) {
    if (size == buckets.length) {
      grow();
    }
    int bucket = hash(phase, rule, type) & (buckets.length - 1);
    Cell cell = new Cell(phase, rule, type, buckets[bucket]);
    buckets[bucket] = cell;
    size++;
    return cell;
  }

  private void grow() {
    @Nullable Cell[] old = buckets;
    buckets = new @Nullable Cell[2 * old.length];
    for (Cell first : old) {
      Cell cell = first;
      while (cell != null) {
        Cell next = cell.next();
        int bucket = hash(cell.phase(), cell.rule(), cell.type()) & (buckets.length - 1);
        cell.chain(buckets[bucket]);
        buckets[bucket] = cell;
        cell = next;
      }
    }
  }

  /** Rules are compared by identity: a registry hands out one object per op. */
  @SuppressWarnings("EnumOrdinal") // only to spread the bits: nothing depends on the values
  private static int hash(Phase phase, OpRule rule, ElementType type) {
    int hash = System.identityHashCode(rule) * 31 + phase.ordinal() * 17 + type.ordinal();
    return hash ^ (hash >>> 16);
  }
}
