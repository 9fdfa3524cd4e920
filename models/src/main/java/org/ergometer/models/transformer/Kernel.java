package org.ergometer.models.transformer;

import java.util.List;
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

  /** Whether the backend has an op of this name. */
  static boolean exists(String name) {
    return Nd4j.getExecutioner().getCustomOperations().containsKey(name);
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
      context.setOutputArray(0, output);
      execute(inputs);
    } finally {
      purge();
    }
  }

  /** Executes an op with several outputs. */
  void run(List<INDArray> outputs, INDArray... inputs) {
    try {
      for (int index = 0; index < outputs.size(); index++) {
        context.setOutputArray(index, outputs.get(index));
      }
      execute(inputs);
    } finally {
      purge();
    }
  }

  private void execute(INDArray[] inputs) {
    for (int index = 0; index < inputs.length; index++) {
      context.setInputArray(index, inputs[index]);
    }
    Nd4j.exec(op, context);
  }

  /** Native handles of the arrays pile up until a purge; the arguments survive it. */
  private void purge() {
    context.purge();
  }
}
