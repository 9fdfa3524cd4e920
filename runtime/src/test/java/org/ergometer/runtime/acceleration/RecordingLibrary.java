package org.ergometer.runtime.acceleration;

import java.util.HashMap;
import java.util.Map;
import org.ergometer.accounting.op.FusedOp;

/** A library of kernels that notes which calls it served and which it refused. */
final class RecordingLibrary implements KernelLibrary {

  private final KernelLibrary library;
  int served;
  int refused;

  RecordingLibrary(KernelLibrary library) {
    this.library = library;
  }

  @Override
  public String describe() {
    return library.describe();
  }

  @Override
  public Map<String, AcceleratedOp> ops() {
    Map<String, AcceleratedOp> ops = new HashMap<>();
    library.ops().forEach((name, op) -> ops.put(name, call -> noted(op.execute(call))));
    return ops;
  }

  @Override
  public Map<FusedOp, AcceleratedOp> fusedOps() {
    return library.fusedOps();
  }

  private boolean noted(boolean done) {
    if (done) {
      served++;
    } else {
      refused++;
    }
    return done;
  }
}
