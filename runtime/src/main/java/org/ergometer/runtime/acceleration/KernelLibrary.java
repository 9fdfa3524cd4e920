package org.ergometer.runtime.acceleration;

import java.util.Map;
import org.ergometer.accounting.op.FusedOp;

/** A library of kernels on one kind of device. */
interface KernelLibrary {

  /** Name and version, for people. */
  String describe();

  /** What it can execute of ND4J's custom ops, by ND4J's name. */
  Map<String, AcceleratedOp> ops();

  /** What it offers in addition. These execute every call that keeps to the op's contract. */
  Map<FusedOp, AcceleratedOp> fusedOps();
}
