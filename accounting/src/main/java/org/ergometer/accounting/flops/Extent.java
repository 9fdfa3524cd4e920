package org.ergometer.accounting.flops;

import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.TensorSpec;

/**
 * Numbers of elements that formulas are built from. Nothing here allocates: it runs for each
 * executed op.
 */
final class Extent {

  private Extent() {}

  /** Elements of the first output; of the first input for an op that reports no output. */
  static long output(OpDescriptor op) {
    return op.outputCount() > 0 ? op.output(0).length() : input(op, 0);
  }

  /** Elements of an input, 0 if the op has none there. */
  static long input(OpDescriptor op, int index) {
    return index < op.inputCount() ? op.input(index).length() : 0;
  }

  /** Elements of all inputs together. */
  static long inputs(OpDescriptor op) {
    long sum = 0;
    for (int index = 0; index < op.inputCount(); index++) {
      sum = Math.addExact(sum, op.input(index).length());
    }
    return sum;
  }

  /** Elements of all outputs together. */
  static long outputs(OpDescriptor op) {
    long sum = 0;
    for (int index = 0; index < op.outputCount(); index++) {
      sum = Math.addExact(sum, op.output(index).length());
    }
    return sum;
  }

  static TensorSpec lastInput(OpDescriptor op) {
    return op.input(op.inputCount() - 1);
  }

  /** An integer argument, or {@code otherwise} where the op was given fewer. */
  static long argument(OpDescriptor op, int index, long otherwise) {
    return index < op.integerArgumentCount() ? op.integerArgument(index) : otherwise;
  }

  /** A real argument, 0 where the op was given fewer. */
  static double real(OpDescriptor op, int index) {
    return index < op.realArgumentCount() ? op.realArgument(index) : 0;
  }

  /** A flag, unset where the op was given fewer. */
  static boolean flag(OpDescriptor op, int index) {
    return index < op.booleanArgumentCount() && op.booleanArgument(index);
  }

  /**
   * Number of elements that share one result when {@code tensor} is reduced along the dimensions
   * listed in the integer arguments from {@code first} on; all of them if none is listed.
   */
  static long reduced(OpDescriptor op, TensorSpec tensor, int first) {
    if (op.integerArgumentCount() <= first) {
      return tensor.length();
    }
    long size = 1;
    for (int index = first; index < op.integerArgumentCount(); index++) {
      size = Math.multiplyExact(size, tensor.size(Math.toIntExact(op.integerArgument(index))));
    }
    return size;
  }

  /** Rows of {@code tensor} along the dimension in the first integer argument, or the last one. */
  static long rows(OpDescriptor op, TensorSpec tensor) {
    if (tensor.rank() == 0) {
      return 1;
    }
    long row = tensor.size(Math.toIntExact(argument(op, 0, -1)));
    return row == 0 ? 0 : tensor.length() / row;
  }

  static long product(long a, long b) {
    return Math.multiplyExact(a, b);
  }

  static long product(long a, long b, long c) {
    return Math.multiplyExact(Math.multiplyExact(a, b), c);
  }

  static long sum(long a, long b) {
    return Math.addExact(a, b);
  }

  static long sum(long a, long b, long c) {
    return Math.addExact(Math.addExact(a, b), c);
  }

  /** {@code count / divisor}, 0 for an empty tensor's 0 / 0. */
  static long quotient(long count, long divisor) {
    return divisor == 0 ? 0 : count / divisor;
  }
}
