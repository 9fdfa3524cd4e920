package org.ergometer.accounting.nd4j;

import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.javacpp.BooleanPointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.nativeblas.OpaqueContext;

/**
 * A custom op's native context that also remembers what was put into it.
 *
 * <p>It forgets exactly when the native context forgets: tensors at a purge; arguments only when
 * new ones replace them; nothing at an execution, since contexts are executed again and again.
 */
final class ContextState extends OpaqueContext {

  private static final long[] NO_LONGS = {};
  private static final double[] NO_DOUBLES = {};
  private static final boolean[] NO_BOOLEANS = {};

  private final OpaqueContext context;
  private final Slots inputs = new Slots();
  private final Slots outputs = new Slots();
  private long[] integers = NO_LONGS;
  private int integerCount;
  private double[] reals = NO_DOUBLES;
  private int realCount;
  private boolean[] flags = NO_BOOLEANS;
  private int flagCount;
  private boolean inPlace;

  ContextState(OpaqueContext context) {
    super(context);
    this.context = context;
  }

  /** The context that the decorated seam made, which may itself remember what is put into it. */
  static OpaqueContext decorated(OpaqueContext context) {
    return context instanceof ContextState state ? state.context : context;
  }

  /** Likewise. */
  static Pointer decorated(Pointer context) {
    return context instanceof ContextState state ? state.context : context;
  }

  void input(int index, @Nullable Pointer shapeInfo, @Nullable Pointer buffer) {
    inputs.set(index, shapeInfo, buffer);
  }

  void output(int index, @Nullable Pointer shapeInfo, @Nullable Pointer buffer) {
    outputs.set(index, shapeInfo, buffer);
  }

  void inPlace(boolean reallyInPlace) {
    inPlace = reallyInPlace;
  }

  void purge() {
    inputs.count = 0;
    outputs.count = 0;
  }

  void integers(LongPointer arguments, int count) {
    if (integers.length < count) {
      integers = new long[count];
    }
    for (int index = 0; index < count; index++) {
      integers[index] = arguments.get(index);
    }
    integerCount = count;
  }

  void reals(DoublePointer arguments, int count) {
    if (reals.length < count) {
      reals = new double[count];
    }
    for (int index = 0; index < count; index++) {
      reals[index] = arguments.get(index);
    }
    realCount = count;
  }

  void flags(BooleanPointer arguments, int count) {
    if (flags.length < count) {
      flags = new boolean[count];
    }
    for (int index = 0; index < count; index++) {
      flags[index] = arguments.get(index);
    }
    flagCount = count;
  }

  void copyTensorsTo(OpView view) {
    for (int index = 0; index < inputs.count; index++) {
      view.input(inputs.addresses[index], inputs.buffers[index]);
    }
    if (inPlace && outputs.count == 0) {
      view.inPlace();
    }
    for (int index = 0; index < outputs.count; index++) {
      view.output(outputs.addresses[index], outputs.buffers[index]);
    }
  }

  int integerCount() {
    return integerCount;
  }

  long integer(int index) {
    return integers[Objects.checkIndex(index, integerCount)];
  }

  int realCount() {
    return realCount;
  }

  double real(int index) {
    return reals[Objects.checkIndex(index, realCount)];
  }

  int flagCount() {
    return flagCount;
  }

  boolean flag(int index) {
    return flags[Objects.checkIndex(index, flagCount)];
  }

  /** Addresses of shape descriptors and buffers by index; 0 where none was set. */
  private static final class Slots {
    private long[] addresses = NO_LONGS;
    private long[] buffers = NO_LONGS;
    private int count;

    void set(int index, @Nullable Pointer shapeInfo, @Nullable Pointer buffer) {
      if (index >= addresses.length) {
        addresses = Arrays.copyOf(addresses, Math.max(4, 2 * index));
        buffers = Arrays.copyOf(buffers, addresses.length);
      }
      if (index >= count) {
        Arrays.fill(addresses, count, index, 0);
        count = index + 1;
      }
      addresses[index] = HostMemory.addressOf(shapeInfo);
      buffers[index] = HostMemory.addressOf(buffer);
    }
  }
}
