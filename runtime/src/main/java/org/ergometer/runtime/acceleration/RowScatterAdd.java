package org.ergometer.runtime.acceleration;

/**
 * ND4J's {@code scatter_add} of rows [N, C] to those of a dense float32 matrix [R, C] that int32
 * indices [N] name, in place: one after the other, as ND4J adds where it is told to lock, so that
 * rows of the same index add up in a fixed order.
 */
final class RowScatterAdd implements AcceleratedOp {

  @Override
  public boolean execute(OpCall call) {
    if (call.inputCount() != 3 || call.outputCount() != 1) {
      return false;
    }
    TensorRef table = call.input(0);
    TensorRef indices = call.input(1);
    TensorRef rows = call.input(2);
    TensorRef result = call.output(0);
    boolean inPlace = result.address() == table.address() && result.sameExtents(table);
    if (!inPlace || !result.dense() || !Rows.of(table, indices, rows)) {
      return false;
    }
    long columns = rows.extent(1);
    long from = rows.address();
    for (long row = 0; row < rows.extent(0); row++) {
      long to = table.address() + Rows.index(indices, row) * columns * Float.BYTES;
      for (long column = 0; column < columns; column++) {
        HostMemory.real(to, HostMemory.real(to) + HostMemory.real(from));
        to += Float.BYTES;
        from += Float.BYTES;
      }
    }
    return true;
  }
}
