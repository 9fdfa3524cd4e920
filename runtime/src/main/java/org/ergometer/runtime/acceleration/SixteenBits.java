package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.global.dnnl;

/**
 * Numbers of 16 bits to float32 and back, rounded to the nearest, ties to even; in Java, since
 * oneDNN 3.11 converts float16 ten times more slowly on processors that do not compute in it.
 */
final class SixteenBits {

  /** Numbers below are subnormal in float16: 2^-14. */
  private static final int FLOAT16_LEAST_NORMAL = 0x38800000;

  /** From here on, float16 is infinite: 2^16. */
  private static final int FLOAT16_OVERFLOW = 0x47800000;

  private static final int FLOAT32_INFINITY = 0x7f800000;

  /** Its unit in the last place is float16's least subnormal, so that adding it rounds to those. */
  private static final float HALF = 0.5f;

  private SixteenBits() {}

  /** Whether a type of the library is one of the two. */
  static boolean is(int type) {
    return type == dnnl.dnnl_f16 || type == dnnl.dnnl_bf16;
  }

  /** Made when float16 is first converted; 256 KiB. */
  private static final class Float16 {
    private static final float[] VALUES = new float[1 << Short.SIZE];

    static {
      for (int bits = 0; bits < VALUES.length; bits++) {
        int exponent = (bits >> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        float magnitude =
            switch (exponent) {
              case 0 -> fraction * 0x1p-24f;
              case 0x1f -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
              default -> Math.scalb((float) (0x400 + fraction), exponent - 25);
            };
        VALUES[bits] = (bits & 0x8000) == 0 ? magnitude : -magnitude;
      }
    }
  }

  /** Converts {@code count} numbers, {@code stride} elements apart, to dense float32. */
  static void widen(int type, long from, long stride, long to, long count) {
    if (type == dnnl.dnnl_bf16) {
      for (long index = 0; index < count; index++) {
        int bits = HostMemory.half(from + Short.BYTES * stride * index) << Short.SIZE;
        HostMemory.real(to + Float.BYTES * index, Float.intBitsToFloat(bits));
      }
      return;
    }
    float[] values = Float16.VALUES;
    for (long index = 0; index < count; index++) {
      int bits = HostMemory.half(from + Short.BYTES * stride * index) & 0xffff;
      HostMemory.real(to + Float.BYTES * index, values[bits]);
    }
  }

  /** Converts {@code count} dense float32 numbers to ones {@code stride} elements apart. */
  static void narrow(int type, long from, long to, long stride, long count) {
    boolean bfloat = type == dnnl.dnnl_bf16;
    for (long index = 0; index < count; index++) {
      int bits = Float.floatToRawIntBits(HostMemory.real(from + Float.BYTES * index));
      HostMemory.half(
          to + Short.BYTES * stride * index, bfloat ? toBfloat16(bits) : toFloat16(bits));
    }
  }

  static short toBfloat16(int bits) {
    if ((bits & 0x7fffffff) > FLOAT32_INFINITY) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }

  static short toFloat16(int bits) {
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude >= FLOAT16_OVERFLOW) {
      return (short) (sign | (magnitude > FLOAT32_INFINITY ? 0x7e00 : 0x7c00));
    }
    if (magnitude < FLOAT16_LEAST_NORMAL) {
      int rounded = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + HALF);
      return (short) (sign | rounded - Float.floatToRawIntBits(HALF));
    }
    // Another exponent bias, and rounding by what the 13 bits that go away amount to.
    int rounded = magnitude - (112 << 23) + 0xfff + (magnitude >>> 13 & 1);
    return (short) (sign | rounded >>> 13);
  }
}
