package org.ergometer.runtime.acceleration;

/** Rows of a matrix [R, C] that indices [N] name, and as many of another matrix [N, C]. */
final class Rows {

  private Rows() {}

  /** Whether the three fit: dense, float32 and int32, each index that of a row. */
  static boolean of(TensorRef table, TensorRef indices, TensorRef rows) {
    boolean fit =
        table.rank() == 2
            && rows.rank() == 2
            && indices.rank() == 1
            && table.isFloat32()
            && rows.isFloat32()
            && indices.isInt32()
            && table.dense()
            && rows.dense()
            && indices.dense()
            && rows.extent(0) == indices.extent(0)
            && rows.extent(1) == table.extent(1);
    return fit && allWithin(indices, table.extent(0));
  }

  /** What to say of others is ND4J's. */
  private static boolean allWithin(TensorRef indices, long count) {
    for (long place = 0; place < indices.length(); place++) {
      long index = index(indices, place);
      if (index < 0 || index >= count) {
        return false;
      }
    }
    return true;
  }

  static long index(TensorRef indices, long place) {
    return HostMemory.integer(indices.address() + place * Integer.BYTES);
  }
}
