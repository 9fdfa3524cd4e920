package org.ergometer.runtime.acceleration;

import java.util.Arrays;
import org.bytedeco.javacpp.BooleanPointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.nativeblas.OpaqueContext;
import org.nd4j.nativeblas.OpaqueDataBuffer;

/**
 * A custom op's native context that remembers its tensors and arguments, and hands the tensors on
 * to native memory only where ND4J itself executes the op.
 *
 * <p>It forgets exactly when the native context forgets: tensors at a purge, arguments only when
 * new ones replace them. Like a context, it belongs to one thread at a time.
 */
final class OpCall extends OpaqueContext {

  private static final long[] NO_LONGS = {};
  private static final double[] NO_DOUBLES = {};
  private static final boolean[] NO_BOOLEANS = {};

  private final BufferAddresses addresses;
  private final Slots inputs = new Slots();
  private final Slots outputs = new Slots();
  private long[] integers = NO_LONGS;
  private double[] reals = NO_DOUBLES;
  private boolean[] flags = NO_BOOLEANS;
  private boolean inPlace;

  /** Whether the native context was given tensors that are not remembered here. */
  private boolean opaque;

  private boolean nativeHasTensors;

  OpCall(OpaqueContext context, BufferAddresses addresses) {
    super(context);
    this.addresses = addresses;
  }

  /** Where tensors of a context go when ND4J is to execute it. */
  interface NativeContext {
    void input(OpCall call, int index, @Nullable OpaqueDataBuffer buffer, Pointer shapeInfo);

    void output(OpCall call, int index, @Nullable OpaqueDataBuffer buffer, Pointer shapeInfo);
  }

  int inputCount() {
    return inputs.count;
  }

  int outputCount() {
    return outputs.count;
  }

  /** An input; valid until the next call on this thread. */
  TensorRef input(int index) {
    return inputs.tensors[index];
  }

  /** An output; valid until the next call on this thread. */
  TensorRef output(int index) {
    return outputs.tensors[index];
  }

  int integerCount() {
    return integers.length;
  }

  int realCount() {
    return reals.length;
  }

  /** An integer argument, or {@code otherwise} where it is not given. */
  long integer(int index, long otherwise) {
    return index < integers.length ? integers[index] : otherwise;
  }

  /** A real argument, or {@code otherwise} where it is not given. */
  double real(int index, double otherwise) {
    return index < reals.length ? reals[index] : otherwise;
  }

  /** A boolean argument, or {@code otherwise} where it is not given. */
  boolean flag(int index, boolean otherwise) {
    return index < flags.length ? flags[index] : otherwise;
  }

  void input(int index, @Nullable OpaqueDataBuffer buffer, Pointer shapeInfo) {
    inputs.set(index, buffer, shapeInfo);
  }

  void output(int index, @Nullable OpaqueDataBuffer buffer, Pointer shapeInfo) {
    outputs.set(index, buffer, shapeInfo);
  }

  void integers(LongPointer arguments, int count) {
    long[] values = integers.length == count ? integers : new long[count];
    for (int index = 0; index < count; index++) {
      values[index] = arguments.get(index);
    }
    integers = values;
  }

  void reals(DoublePointer arguments, int count) {
    double[] values = reals.length == count ? reals : new double[count];
    for (int index = 0; index < count; index++) {
      values[index] = arguments.get(index);
    }
    reals = values;
  }

  void flags(BooleanPointer arguments, int count) {
    boolean[] values = flags.length == count ? flags : new boolean[count];
    for (int index = 0; index < count; index++) {
      values[index] = arguments.get(index);
    }
    flags = values;
  }

  void inPlace(boolean really) {
    inPlace = really;
  }

  /** Notes that the native context has tensors that only it knows. */
  void opaque() {
    opaque = true;
    nativeHasTensors = true;
  }

  /**
   * Reads the tensors' descriptors.
   *
   * @return false if they cannot be known, or one has no elements
   */
  boolean readTensors() {
    return !opaque && !inPlace && inputs.read(addresses) && outputs.read(addresses);
  }

  /** Gives the native context the tensors that it has not yet. */
  void handOver(NativeContext context) {
    for (int index = 0; index < inputs.count; index++) {
      Pointer shape = inputs.shapes[index];
      if (inputs.pending[index] && shape != null) {
        context.input(this, index, inputs.buffers[index], shape);
        inputs.pending[index] = false;
        nativeHasTensors = true;
      }
    }
    for (int index = 0; index < outputs.count; index++) {
      Pointer shape = outputs.shapes[index];
      if (outputs.pending[index] && shape != null) {
        context.output(this, index, outputs.buffers[index], shape);
        outputs.pending[index] = false;
        nativeHasTensors = true;
      }
    }
  }

  /**
   * Forgets all tensors.
   *
   * @return whether the native context has any to forget
   */
  boolean purge() {
    boolean there = nativeHasTensors;
    inputs.clear();
    outputs.clear();
    opaque = false;
    nativeHasTensors = false;
    return there;
  }

  /** Tensors by index. */
  private static final class Slots {
    private @Nullable OpaqueDataBuffer[] buffers = new OpaqueDataBuffer[0];
    private @Nullable Pointer[] shapes = new Pointer[0];
    private boolean[] pending = NO_BOOLEANS;
    private TensorRef[] tensors = new TensorRef[0];
    private int count;

    void set(int index, @Nullable OpaqueDataBuffer buffer, Pointer shapeInfo) {
      if (index >= tensors.length) {
        grow(Math.max(4, 2 * index));
      }
      count = Math.max(count, index + 1);
      buffers[index] = buffer;
      shapes[index] = shapeInfo;
      pending[index] = true;
    }

    private void grow(int size) {
      int before = tensors.length;
      buffers = Arrays.copyOf(buffers, size);
      shapes = Arrays.copyOf(shapes, size);
      pending = Arrays.copyOf(pending, size);
      tensors = Arrays.copyOf(tensors, size);
      for (int index = before; index < size; index++) {
        tensors[index] = new TensorRef();
      }
    }

    boolean read(BufferAddresses addresses) {
      for (int index = 0; index < count; index++) {
        OpaqueDataBuffer buffer = buffers[index];
        Pointer shape = shapes[index];
        if (buffer == null || shape == null) {
          return false;
        }
        tensors[index].read(shape.address(), addresses.of(buffer));
        if (tensors[index].address() == 0 || tensors[index].length() == 0) {
          return false;
        }
      }
      return true;
    }

    void clear() {
      for (int index = 0; index < count; index++) {
        buffers[index] = null;
        shapes[index] = null;
        pending[index] = false;
      }
      count = 0;
    }
  }
}
