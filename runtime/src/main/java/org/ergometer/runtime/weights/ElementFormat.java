package org.ergometer.runtime.weights;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Element types of safetensors that hold weights, little-endian, and how they become float32. */
public enum ElementFormat {
  FLOAT32("F32", Float.BYTES) {
    @Override
    float read(ByteBuffer from) {
      return from.getFloat();
    }

    @Override
    void write(float value, ByteBuffer to) {
      to.putFloat(value);
    }
  },
  FLOAT16("F16", Short.BYTES) {
    @Override
    float read(ByteBuffer from) {
      return widened(from.getShort());
    }

    @Override
    void write(float value, ByteBuffer to) {
      throw new UnsupportedOperationException("float16 is read only");
    }
  },
  BFLOAT16("BF16", Short.BYTES) {
    @Override
    float read(ByteBuffer from) {
      return Float.intBitsToFloat(from.getShort() << Short.SIZE);
    }

    @Override
    void write(float value, ByteBuffer to) {
      to.putShort(rounded(value));
    }
  };

  private static final int SIGN = 0x8000;
  private static final int FRACTION_BITS = 10;
  private static final int FRACTION = (1 << FRACTION_BITS) - 1;
  private static final int EXPONENT = 0x1F;
  private static final int QUIET = 0x40;

  private final String label;
  private final int bytes;

  ElementFormat(String label, int bytes) {
    this.label = label;
    this.bytes = bytes;
  }

  /** Name in the header of a file. */
  String label() {
    return label;
  }

  /** Bytes of an element. */
  int bytes() {
    return bytes;
  }

  /** The next element. */
  abstract float read(ByteBuffer from);

  /** Puts an element, rounded to nearest, ties to even. */
  abstract void write(float value, ByteBuffer to);

  /** The format of a name in a header; empty for those that hold no weights. */
  static Optional<ElementFormat> labelled(String label) {
    return Arrays.stream(values()).filter(format -> format.label.equals(label)).findFirst();
  }

  /** All names, for errors. */
  static String labels() {
    return Arrays.stream(values()).map(ElementFormat::label).collect(Collectors.joining(", "));
  }

  /** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits; every one is a float. */
  private static float widened(short half) {
    int exponent = half >> FRACTION_BITS & EXPONENT;
    int fraction = half & FRACTION;
    float size;
    if (exponent == 0) {
      size = fraction * 0x1p-24f;
    } else if (exponent == EXPONENT) {
      size = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else {
      size = (fraction + (1 << FRACTION_BITS)) * Math.scalb(1f, exponent - 25);
    }
    return (half & SIGN) == 0 ? size : -size;
  }

  private static short rounded(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> Short.SIZE | QUIET);
    }
    int even = bits >>> Short.SIZE & 1;
    return (short) ((bits + 0x7FFF + even) >>> Short.SIZE);
  }
}
