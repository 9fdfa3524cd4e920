package org.ergometer.accounting.ledger;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.flops.Traffic;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.Phase;
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

  private static final int INITIAL_TENSORS = 16;

  /** Ops of more tensors put them side by side, and never in place. */
  private static final int MOST_COMPARED = 16;

  private static final double NANOS_PER_SECOND = 1e9;

  private final Map<String, LayerCells> layers = new HashMap<>();
  private String lastLayer = "";
  private LayerCells lastCells = new LayerCells();
  private long[] bytes = new long[INITIAL_TENSORS];
  private long[] distinct = new long[INITIAL_TENSORS];
  private long[] before = new long[INITIAL_TENSORS];
  private final WideCounter total = new WideCounter();
  private final LongAdder overheadNanos = new LongAdder();
  private long errors;

  /**
   * Books one execution of {@code op} where {@code scope} is now: all of it, or nothing if a
   * formula fails or gives a negative count.
   */
  public synchronized void record(Scope scope, OpRule rule, OpDescriptor op) {
    long flops = notNegative(rule.flops().flops(op), rule);
    measureTraffic(rule, op);
    Phase phase = scope.phase();
    LayerCells cells = cells(scope.layer());
    ElementType type = computeType(op);
    Cell cell = cells.find(phase, rule, type);
    cell.addExecution(flops);
    total.add(flops);
    int inputs = op.inputCount();
    for (int input = 0; input < inputs; input++) {
      ElementType read = op.input(input).elementType();
      (read == type ? cell : cells.find(phase, rule, read)).addRead(bytes[input], distinct[input]);
    }
    for (int output = 0; output < op.outputCount(); output++) {
      ElementType written = op.output(output).elementType();
      Cell target = written == type ? cell : cells.find(phase, rule, written);
      target.addRead(before[output], 0); // the same memory as is written
      target.addWritten(bytes[inputs + output], distinct[inputs + output]);
    }
  }

  /** Notes that an op was executed and could not be booked; the count is shown, never hidden. */
  public synchronized void recordError() {
    errors++;
  }

  /** Notes that booking took time which is no part of the work. */
  public void recordOverhead(long nanos) {
    overheadNanos.add(nanos);
  }

  /** Seconds that booking took; what was noted of it. */
  public double overheadSeconds() {
    return overheadNanos.sum() / NANOS_PER_SECOND;
  }

  /** FLOPs of everything so far, in constant time. */
  public synchronized BigInteger flops() {
    return total.value();
  }

  /**
   * A copy of all totals at one instant between two ops; what can be done with the copies is done
   * without the lock.
   */
  public LedgerSnapshot snapshot() {
    Map<String, List<Cell>> copies = new HashMap<>();
    long errorsThen;
    synchronized (this) {
      layers.forEach((layer, cells) -> copies.put(layer, cells.copies()));
      errorsThen = errors;
    }
    List<LedgerEntry> entries = new ArrayList<>();
    copies.forEach((layer, cells) -> cells.forEach(cell -> entries.add(cell.entry(layer))));
    return new LedgerSnapshot(entries, errorsThen);
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

  /**
   * Fills {@link #bytes} with what each input, then each output moves, {@link #distinct} with the
   * part of it that no tensor before has moved, and {@link #before} with what is read from each
   * output.
   */
  private void measureTraffic(OpRule rule, OpDescriptor op) {
    int inputs = op.inputCount();
    int tensors = inputs + op.outputCount();
    if (bytes.length < tensors) {
      bytes = new long[2 * tensors];
      distinct = new long[2 * tensors];
      before = new long[2 * tensors];
    }
    Traffic traffic = rule.traffic();
    for (int tensor = 0; tensor < tensors; tensor++) {
      long moved =
          tensor < inputs ? traffic.read(op, tensor) : traffic.written(op, tensor - inputs);
      bytes[tensor] = notNegative(moved, rule);
      distinct[tensor] = Math.max(0, moved - shared(op, tensor));
    }
    for (int output = 0; output < op.outputCount(); output++) {
      before[output] = notNegative(traffic.readFromOutput(op, output), rule);
    }
  }

  /** Bytes that tensors before this one have moved of its memory. */
  private long shared(OpDescriptor op, int tensor) {
    long buffer = tensor(op, tensor).buffer();
    long most = 0;
    if (buffer != 0 && tensor <= MOST_COMPARED) {
      for (int earlier = 0; earlier < tensor; earlier++) {
        if (tensor(op, earlier).buffer() == buffer) {
          most = Math.max(most, bytes[earlier]);
        }
      }
    }
    return most;
  }

  private static TensorSpec tensor(OpDescriptor op, int tensor) {
    int inputs = op.inputCount();
    return tensor < inputs ? op.input(tensor) : op.output(tensor - inputs);
  }

  private static long notNegative(long count, OpRule rule) {
    if (count < 0) {
      throw new IllegalArgumentException(
          "the rule of %s op \"%s\" counts %s; a count must be >= 0, correct its formula"
              .formatted(rule.family().label(), rule.name(), count));
    }
    return count;
  }

  private LayerCells cells(String layer) {
    if (!layer.equals(lastLayer) || layers.isEmpty()) {
      lastCells = layers.computeIfAbsent(layer, name -> new LayerCells());
      lastLayer = layer;
    }
    return lastCells;
  }
}
