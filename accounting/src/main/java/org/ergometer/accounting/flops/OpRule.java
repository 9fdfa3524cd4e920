package org.ergometer.accounting.flops;

import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;

/**
 * How one op is counted: its class, its FLOPs and the bytes it moves.
 *
 * @param family the list that {@code name} belongs to
 * @param name canonical op name within the family
 * @param opClass kind of work
 * @param flops FLOPs of one execution
 * @param traffic bytes of one execution
 * @param source where the arithmetic comes from, in one line
 */
public record OpRule(
    OpFamily family,
    String name,
    OpClass opClass,
    FlopFormula flops,
    Traffic traffic,
    String source) {

  /** A rule for an op that reads every input once and writes every output once. */
  public static OpRule of(
      OpFamily family, String name, OpClass opClass, FlopFormula flops, String source) {
    return new OpRule(family, name, opClass, flops, Traffic.EVERY_ELEMENT_ONCE, source);
  }

  /** Cost of one execution. */
  public OpCost cost(OpDescriptor op) {
    long read = 0;
    for (int input = 0; input < op.inputCount(); input++) {
      read = Math.addExact(read, traffic.read(op, input));
    }
    long written = 0;
    for (int output = 0; output < op.outputCount(); output++) {
      read = Math.addExact(read, traffic.readFromOutput(op, output));
      written = Math.addExact(written, traffic.written(op, output));
    }
    return new OpCost(flops.flops(op), read, written);
  }
}
