package org.ergometer.accounting.ledger;

import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.Phase;
import org.jspecify.annotations.Nullable;

/** Mutable totals of one (phase, op, element type) within a layer. */
final class Cell {

  private final Phase phase;
  private final OpRule rule;
  private final ElementType type;
  private final WideCounter flops = new WideCounter();
  private final WideCounter bytesRead = new WideCounter();
  private final WideCounter bytesWritten = new WideCounter();
  private final WideCounter footprint = new WideCounter();
  private long executions;
  private @Nullable Cell next;

  Cell(Phase phase, OpRule rule, ElementType type, @Nullable Cell next) {
    this.phase = phase;
    this.rule = rule;
    this.type = type;
    this.next = next;
  }

  /** Rules are compared by identity: a registry hands out one object per op. */
  @SuppressWarnings("ReferenceEquality")
  boolean isFor(Phase otherPhase, OpRule otherRule, ElementType otherType) {
    return rule == otherRule && phase == otherPhase && type == otherType;
  }

  Phase phase() {
    return phase;
  }

  OpRule rule() {
    return rule;
  }

  ElementType type() {
    return type;
  }

  @Nullable Cell next() {
    return next;
  }

  void chain(@Nullable Cell following) {
    next = following;
  }

  void addExecution(long count) {
    executions++;
    flops.add(count);
  }

  /**
   * Adds a tensor that was read.
   *
   * @param distinct its bytes that no other tensor of the op had touched
   */
  void addRead(long bytes, long distinct) {
    bytesRead.add(bytes);
    footprint.add(distinct);
  }

  void addWritten(long bytes, long distinct) {
    bytesWritten.add(bytes);
    footprint.add(distinct);
  }

  /** These totals as they are now. */
  Cell copy() {
    Cell copy = new Cell(phase, rule, type, null);
    copy.executions = executions;
    copy.flops.set(flops);
    copy.bytesRead.set(bytesRead);
    copy.bytesWritten.set(bytesWritten);
    copy.footprint.set(footprint);
    return copy;
  }

  LedgerEntry entry(String layer) {
    return new LedgerEntry(
        layer,
        phase,
        rule.family(),
        rule.name(),
        rule.opClass(),
        type,
        executions,
        flops.value(),
        bytesRead.value(),
        bytesWritten.value(),
        footprint.value());
  }
}
