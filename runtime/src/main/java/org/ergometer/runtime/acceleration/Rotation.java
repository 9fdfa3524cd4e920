package org.ergometer.runtime.acceleration;

/**
 * {@link org.ergometer.accounting.op.FusedOp#ROTATION}: one walk over the heads, in Java; the
 * library has no such primitive, and ND4J walks over them four times, element by element.
 */
final class Rotation implements AcceleratedOp {

  @Override
  public boolean execute(OpCall call) {
    TensorRef heads = call.input(0);
    TensorRef cosines = call.input(1);
    TensorRef sines = call.input(2);
    if (!fit(heads, cosines, sines) || !sameArray(heads, call.output(0))) {
      return false;
    }
    float sign = call.integer(0, 1) < 0 ? -1 : 1;
    for (long sequence = 0; sequence < heads.extent(0); sequence++) {
      for (long time = 0; time < heads.extent(1); time++) {
        long angles = time * heads.extent(3) * Float.BYTES;
        long row = sequence * heads.stride(0) + time * heads.stride(1);
        for (long head = 0; head < heads.extent(2); head++) {
          turn(
              heads.address() + (row + head * heads.stride(2)) * Float.BYTES,
              heads.extent(3) / 2 * Float.BYTES,
              cosines.address() + angles,
              sines.address() + angles,
              sign);
        }
      }
    }
    return true;
  }

  /** Turns one head, whose halves are so many bytes. */
  private static void turn(long head, long half, long cosines, long sines, float sign) {
    for (long channel = 0; channel < half; channel += Float.BYTES) {
      float cosine = HostMemory.real(cosines + channel);
      float sine = sign * HostMemory.real(sines + channel);
      float first = HostMemory.real(head + channel);
      float second = HostMemory.real(head + half + channel);
      HostMemory.real(head + channel, first * cosine - second * sine);
      HostMemory.real(head + half + channel, second * cosine + first * sine);
    }
  }

  private static boolean fit(TensorRef heads, TensorRef cosines, TensorRef sines) {
    if (heads.rank() != 4 || !heads.isFloat32() || heads.stride(3) != 1) {
      return false;
    }
    long angles = heads.extent(1) * heads.extent(3);
    return heads.extent(3) % 2 == 0
        && cosines.isFloat32()
        && sines.isFloat32()
        && cosines.dense()
        && sines.dense()
        && cosines.length() == angles
        && sines.length() == angles;
  }

  private static boolean sameArray(TensorRef x, TensorRef y) {
    boolean same = y.address() == x.address() && y.sameExtents(x);
    for (int dimension = 0; same && dimension < x.rank(); dimension++) {
      same = x.extent(dimension) == 1 || x.stride(dimension) == y.stride(dimension);
    }
    return same;
  }
}
