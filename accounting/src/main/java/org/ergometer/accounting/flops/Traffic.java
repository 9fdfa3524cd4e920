package org.ergometer.accounting.flops;

import org.ergometer.accounting.op.OpDescriptor;

/**
 * Bytes one op moves between memory and the arithmetic, tensor by tensor: what the op must touch,
 * not what a cache saved.
 */
public interface Traffic {

  /** Every element of every input is read once, every element of every output written once. */
  Traffic EVERY_ELEMENT_ONCE = new Traffic() {};

  /** Bytes read from one input. */
  default long read(OpDescriptor op, int input) {
    return op.input(input).bytes();
  }

  /** Bytes written to one output. */
  default long written(OpDescriptor op, int output) {
    return op.output(output).bytes();
  }

  /** Bytes read from one output, for an op that adds to what is there before. */
  default long readFromOutput(OpDescriptor op, int output) {
    return 0;
  }
}
