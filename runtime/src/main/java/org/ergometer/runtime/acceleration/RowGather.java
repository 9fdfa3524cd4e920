package org.ergometer.runtime.acceleration;

/**
 * ND4J's {@code gather} of rows of a dense float32 matrix [R, C] by int32 indices [N] into [N, C]:
 * each row is one copy of memory.
 */
final class RowGather implements AcceleratedOp {

  @Override
  public boolean execute(OpCall call) {
    if (call.inputCount() != 2 || call.outputCount() != 1 || call.integer(0, 0) != 0) {
      return false;
    }
    TensorRef table = call.input(0);
    TensorRef indices = call.input(1);
    TensorRef rows = call.output(0);
    if (!Rows.of(table, indices, rows) || rows.address() == table.address()) {
      return false;
    }
    long bytes = rows.extent(1) * Float.BYTES;
    for (long row = 0; row < rows.extent(0); row++) {
      long from = table.address() + Rows.index(indices, row) * bytes;
      HostMemory.copy(from, rows.address() + row * bytes, bytes);
    }
    return true;
  }
}
