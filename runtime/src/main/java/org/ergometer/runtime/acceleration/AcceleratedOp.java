package org.ergometer.runtime.acceleration;

/** A faster way to execute one of ND4J's custom ops: same inputs, same outputs, same meaning. */
@FunctionalInterface
interface AcceleratedOp {

  /**
   * Executes the op, or leaves everything untouched and returns false, whereupon ND4J executes it.
   */
  boolean execute(OpCall call);
}
