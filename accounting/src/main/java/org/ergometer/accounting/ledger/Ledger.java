package org.ergometer.accounting.ledger;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.flops.Traffic;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.op.TensorSpec;

/**
 * Running totals of executed work by layer, phase, op and element type.
 *
 * <p>Totals are exact beyond 2^63. Recording an op of a kind seen before allocates nothing. Safe
 * for several threads: one lock, held for some tens of nanoseconds an op and while a snapshot is
 * copied, so that a snapshot never shows half an op.
 *
 * <p>FLOPs and executions are booked under the op's compute type; bytes under the type of the
 * tensor they belong to.
 */
public final class Ledger {

  private final Map<String, LayerCells> layers = new HashMap<>();
  private String lastLayer = "";
  private LayerCells lastCells = new LayerCells();
  private long errors;

  /** Books one execution of {@code op} where {@code scope} is now. */
  public synchronized void record(Scope scope, OpRule rule, OpDescriptor op) {
    LayerCells cells = cells(scope.layer());
    long flops = rule.flops().flops(op);
    cells.find(scope.phase(), rule, computeType(op)).addExecution(flops);
    Traffic traffic = rule.traffic();
    for (int input = 0; input < op.inputCount(); input++) {
      long bytes = traffic.read(op, input);
      cells.find(scope.phase(), rule, op.input(input).elementType()).addRead(bytes);
    }
    for (int output = 0; output < op.outputCount(); output++) {
      long bytes = traffic.written(op, output);
      cells.find(scope.phase(), rule, op.output(output).elementType()).addWritten(bytes);
    }
  }

  /** Notes that an op was executed and could not be booked; the count is shown, never hidden. */
  public synchronized void recordError() {
    errors++;
  }

  /** A copy of all totals at one instant between two ops. */
  public synchronized LedgerSnapshot snapshot() {
    List<LedgerEntry> entries = new ArrayList<>();
    layers.forEach((layer, cells) -> cells.copyTo(layer, entries));
    return new LedgerSnapshot(entries, errors);
  }

  /**
   * The type an op's arithmetic is booked under: that of its first floating-point input, else of
   * its first floating-point output, else of its first tensor.
   */
  static ElementType computeType(OpDescriptor op) {
    for (int input = 0; input < op.inputCount(); input++) {
      TensorSpec tensor = op.input(input);
      if (tensor.elementType().floating()) {
        return tensor.elementType();
      }
    }
    for (int output = 0; output < op.outputCount(); output++) {
      TensorSpec tensor = op.output(output);
      if (tensor.elementType().floating()) {
        return tensor.elementType();
      }
    }
    if (op.outputCount() > 0) {
      return op.output(0).elementType();
    }
    return op.inputCount() > 0 ? op.input(0).elementType() : ElementType.FLOAT32;
  }

  private LayerCells cells(String layer) {
    if (!layer.equals(lastLayer) || layers.isEmpty()) {
      lastCells = layers.computeIfAbsent(layer, name -> new LayerCells());
      lastLayer = layer;
    }
    return lastCells;
  }
}
