package org.ergometer.accounting.nd4j;

import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.Scope;

/** Is told of every op that was executed and counted, as soon as it was, on the op's thread. */
@FunctionalInterface
public interface OpWatcher {

  /**
   * An op has ended; what this throws is noted as an accounting error.
   *
   * @param scope of the thread, with the phase and layer that the op was counted under
   * @param rule that it was counted by, the same object for all executions of an op
   * @param op its tensors and arguments; valid during this call only
   */
  void executed(Scope scope, OpRule rule, OpDescriptor op);
}
