package org.ergometer.models.transformer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One custom op with fixed arguments, run again and again in one native context.
 *
 * <p>ND4J otherwise makes a native context for each execution, and only the garbage collector frees
 * them: thousands are alive at a time, and making one costs more than a small op. Not for sharing
 * between threads.
 */
final class Kernel {

  private final CustomOp op;
  private final OpContext context = Nd4j.getExecutioner().buildContext();

  /** An op by its name, without arguments. */
  Kernel(String name) {
    op = DynamicCustomOp.builder(name).build();
  }

  /** Sets the integer arguments of all executions. */
  Kernel integers(long... arguments) {
    context.setIArguments(arguments);
    return this;
  }

  /** Sets the real arguments of all executions. */
  Kernel reals(double... arguments) {
    context.setTArguments(arguments);
    return this;
  }

  /** Sets the boolean arguments of all executions. */
  Kernel flags(boolean... arguments) {
    context.setBArguments(arguments);
    return this;
  }

  /**
   * Executes on {@code inputs}, into {@code output}, which may be one of them where the op allows.
   */
  void run(INDArray output, INDArray... inputs) {
    try {
      for (int index = 0; index < inputs.length; index++) {
        context.setInputArray(index, inputs[index]);
      }
      context.setOutputArray(0, output);
      Nd4j.exec(op, context);
    } finally {
      // Native handles of the arrays pile up until a purge; the arguments survive it.
      context.purge();
    }
  }
}
