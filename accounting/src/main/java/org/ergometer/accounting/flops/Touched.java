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
   * Rows of the first input are replaced or accumulated: as many elements as the last input, the
   * updates, has. An output in other memory than the first input begins as a copy of all of it.
   */
  UPDATES {
    @Override
    public long read(OpDescriptor op, int input) {
      return input == 0 && !copies(op)
          ? Math.multiplyExact(
              Extent.lastInput(op).length(), (long) op.input(0).elementType().bytes())
          : op.input(input).bytes();
    }

    @Override
    public long written(OpDescriptor op, int output) {
      return copies(op)
          ? op.output(output).bytes()
          : Math.multiplyExact(
              Extent.lastInput(op).length(), (long) op.output(output).elementType().bytes());
    }

    private static boolean copies(OpDescriptor op) {
      return op.outputCount() > 0 && op.input(0).buffer() != op.output(0).buffer();
    }
  },
  /** The first input gives its shape only. */
  ALL_BUT_FIRST_INPUT {
    @Override
    public long read(OpDescriptor op, int input) {
      return input == 0 ? 0 : op.input(input).bytes();
    }
  },
  /** The inputs before the last are overwritten or give their shape only. */
  LAST_INPUT_ONLY {
    @Override
    public long read(OpDescriptor op, int input) {
      return input == op.inputCount() - 1 ? op.input(input).bytes() : 0;
    }
  },
  /** An input that is the output itself is filled, not read; parameters of draws are read. */
  OTHER_THAN_OUTPUT {
    @Override
    public long read(OpDescriptor op, int input) {
      boolean filled =
          op.outputCount() > 0
              && op.input(input).buffer() != 0
              && op.input(input).buffer() == op.output(0).buffer();
      return filled ? 0 : op.input(input).bytes();
    }
  },
  /** A product that is added to β times what the result held; real arguments: α, β. */
  PRODUCT {
    @Override
    public long readFromOutput(OpDescriptor op, int output) {
      boolean added = op.realArgumentCount() > 1 && op.realArgument(1) != 0;
      return added ? op.output(output).bytes() : 0;
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
