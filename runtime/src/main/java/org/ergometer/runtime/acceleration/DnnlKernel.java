package org.ergometer.runtime.acceleration;

/**
 * An op that one primitive executes: made for the first call of its kind, found again for those
 * like it. The primitive's tensors are the op's inputs, then its outputs.
 */
abstract class DnnlKernel implements AcceleratedOp {

  private final ThreadLocal<DnnlSession> sessions;

  DnnlKernel(ThreadLocal<DnnlSession> sessions) {
    this.sessions = sessions;
  }

  /** Whether a call may be this kernel's; what depends on extents and strides, making decides. */
  abstract boolean accepts(OpCall call);

  /** The primitive for calls like this one, or {@link DnnlPrimitive#REFUSED}. */
  abstract DnnlFunction make(DnnlSession session, OpCall call);

  @Override
  public final boolean execute(OpCall call) {
    if (!accepts(call)) {
      return false;
    }
    DnnlSession session = sessions.get();
    session.signature(this).with(call);
    DnnlFunction primitive = session.find();
    if (primitive == null) {
      primitive = session.keep(make(session, call));
    }
    if (primitive.refused()) {
      return false;
    }
    int tensor = 0;
    for (int index = 0; index < call.inputCount(); index++) {
      session.bind(primitive, tensor++, call.input(index).address());
    }
    for (int index = 0; index < call.outputCount(); index++) {
      session.bind(primitive, tensor++, call.output(index).address());
    }
    session.run(primitive);
    return true;
  }

  /** Whether all tensors of a call are float32 and dense. */
  static boolean allDense(OpCall call) {
    for (int index = 0; index < call.inputCount(); index++) {
      if (!call.input(index).isFloat32() || !call.input(index).dense()) {
        return false;
      }
    }
    for (int index = 0; index < call.outputCount(); index++) {
      if (!call.output(index).isFloat32() || !call.output(index).dense()) {
        return false;
      }
    }
    return true;
  }
}
