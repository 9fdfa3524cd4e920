package org.ergometer.runtime.acceleration;

import java.util.Map;

/** A library of kernels on one kind of device. */
interface KernelLibrary {

  /** Name and version, for people. */
  String describe();

  /** What it can execute, by ND4J's name of the custom op. */
  Map<String, AcceleratedOp> ops();
}
