package org.ergometer.accounting.flops;

import org.ergometer.accounting.op.OpDescriptor;

/** Traffic of ops that leave part of a tensor alone. */
enum Touched implements Traffic {
  /** The first input is read only where the output needs it: gathers, slices, row look-ups. */
  OUTPUT_OF_FIRST_INPUT {
    @Override
    public long read(OpDescriptor op, int input) {
      return input == 0
          ? Math.multiplyExact(Extent.output(op), (long) op.input(0).elementType().bytes())
          : op.input(input).bytes();
    }
  },
  /**
   * Rows of the first input are replaced or accumulated in place: as many elements as the last
   * input, the updates, has.
   */
  UPDATES_IN_PLACE {
    @Override
    public long read(OpDescriptor op, int input) {
      return input == 0
          ? Math.multiplyExact(
              Extent.lastInput(op).length(), (long) op.input(0).elementType().bytes())
          : op.input(input).bytes();
    }

    @Override
    public long written(OpDescriptor op, int output) {
      return Math.multiplyExact(
          Extent.lastInput(op).length(), (long) op.output(output).elementType().bytes());
    }
  },
  /** The first input is overwritten, not read. */
  LAST_INPUT_ONLY {
    @Override
    public long read(OpDescriptor op, int input) {
      return input == op.inputCount() - 1 ? op.input(input).bytes() : 0;
    }
  },
  /** Inputs give their shape only; outputs are filled. */
  OUTPUT_ONLY {
    @Override
    public long read(OpDescriptor op, int input) {
      return 0;
    }
  },
  /** Names, views and marks: no element is read or written. */
  NOTHING {
    @Override
    public long read(OpDescriptor op, int input) {
      return 0;
    }

    @Override
    public long written(OpDescriptor op, int output) {
      return 0;
    }
  }
}
