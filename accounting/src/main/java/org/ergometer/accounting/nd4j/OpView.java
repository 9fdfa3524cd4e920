package org.ergometer.accounting.nd4j;

import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.nd4j.Recorder.Sink;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.op.TensorSpec;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataTypeEx;

/**
 * The op that a thread is counting just now; one object per thread, filled anew for each op.
 *
 * <p>Everything is copied in when the view is filled, so that nothing native is read later.
 */
final class OpView implements OpDescriptor {

  private static final int INITIAL_TENSORS = 8;

  /**
   * Booking an op in so many is timed; a prime, so that it is not the same op of every step. A
   * thread's first op, for which classes are loaded, is none of them.
   */
  private static final int OPS_A_TIMED_ONE = 61;

  /** By {@link DataTypeEx}'s ordinal; the threshold encodings after them have no fixed width. */
  private static final ElementType[] TYPES = {
    ElementType.INT8,
    ElementType.INT8,
    ElementType.UINT8,
    ElementType.FLOAT16,
    ElementType.INT16,
    ElementType.UINT16,
    ElementType.FLOAT32,
    ElementType.FLOAT64
  };

  private final Tensors inputs = new Tensors();
  private final Tensors outputs = new Tensors();
  private final @Nullable OpView outer;
  private @Nullable Sink sink;
  private @Nullable OpRule rule;
  private @Nullable ContextState arguments;
  private boolean failed;
  private long recorded;
  private boolean timed;
  private long beginNanos;
  private long windowNanos; // when the ops began that the next timed one stands for

  OpView() {
    outer = null;
  }

  /** For an op that is executed while {@code outer}'s is being counted. */
  OpView(OpView outer) {
    this.outer = outer;
  }

  /** Starts an op without tensors or arguments; {@link #book} ends it. */
  OpView begin(Sink target, OpRule opRule) {
    sink = target;
    rule = opRule;
    arguments = null;
    failed = false;
    inputs.count = 0;
    outputs.count = 0;
    if (outer == null) {
      timed = recorded % OPS_A_TIMED_ONE == OPS_A_TIMED_ONE - 1;
      if (timed) {
        beginNanos = System.nanoTime();
      } else if (recorded == 0) {
        windowNanos = System.nanoTime();
      }
    }
    return this;
  }

  /** Enters the op in the ledger. */
  void book() {
    Sink target = sink;
    if (target == null) {
      return;
    }
    try {
      if (failed) {
        target.ledger().recordError();
      } else {
        Scope scope = Scope.current();
        target.ledger().record(scope, rule(), this);
        if (target.watcher() != null) {
          target.watcher().executed(scope, rule(), this);
        }
      }
    } catch (Throwable failure) {
      // A user's formula may throw anything; the op itself was executed, and its result stands.
      target.ledger().recordError();
    } finally {
      sink = null;
      (outer == null ? this : outer).recorded++;
    }
    if (timed) {
      recordOverhead(target);
    }
  }

  /**
   * The timed op stands for those since the one before it; a pause of the machine within it does
   * not, and nothing takes longer than the time that has passed.
   */
  private void recordOverhead(Sink target) {
    long now = System.nanoTime();
    long nanos = (now - beginNanos) * OPS_A_TIMED_ONE;
    target.ledger().recordOverhead(Math.min(nanos, now - windowNanos));
    windowNanos = now;
  }

  /** Whether an op was begun and is not booked yet. */
  boolean busy() {
    return sink != null;
  }

  /** Number of ops booked, nested ones included. */
  long recorded() {
    return recorded;
  }

  /** Takes everything from a custom op's context. */
  OpView context(ContextState context) {
    if (sink != null) {
      arguments = context;
      context.copyTensorsTo(this);
    }
    return this;
  }

  /** Notes that this op's tensors are not known. */
  OpView unreadable() {
    failed = true;
    return this;
  }

  /** An input by the address of ND4J's shape descriptor; none if the address is 0. */
  OpView input(long shapeInfo) {
    return read(inputs, shapeInfo);
  }

  OpView output(long shapeInfo) {
    return read(outputs, shapeInfo);
  }

  /** An input and the address of its buffer; 0 where that is unknown. */
  OpView input(long shapeInfo, long buffer) {
    return readIn(inputs, shapeInfo, buffer);
  }

  OpView output(long shapeInfo, long buffer) {
    return readIn(outputs, shapeInfo, buffer);
  }

  OpView input(@Nullable Pointer shapeInfo, @Nullable Pointer buffer) {
    return readIn(inputs, HostMemory.addressOf(shapeInfo), HostMemory.addressOf(buffer));
  }

  OpView output(@Nullable Pointer shapeInfo, @Nullable Pointer buffer) {
    return readIn(outputs, HostMemory.addressOf(shapeInfo), HostMemory.addressOf(buffer));
  }

  OpView input(@Nullable Pointer shapeInfo) {
    return read(inputs, HostMemory.addressOf(shapeInfo));
  }

  OpView output(@Nullable Pointer shapeInfo) {
    return read(outputs, HostMemory.addressOf(shapeInfo));
  }

  /** Inputs by a native array of addresses of shape descriptors. */
  OpView inputs(@Nullable PointerPointer<?> shapeInfos, int count) {
    return read(inputs, HostMemory.addressOf(shapeInfos), count);
  }

  OpView outputs(@Nullable PointerPointer<?> shapeInfos, int count) {
    return read(outputs, HostMemory.addressOf(shapeInfos), count);
  }

  /** {@code count} inputs of one shape, as a single vector. */
  OpView inputs(LongPointer shapeInfo, int count) {
    return repeat(inputs, shapeInfo, count);
  }

  OpView outputs(LongPointer shapeInfo, int count) {
    return repeat(outputs, shapeInfo, count);
  }

  /** A conversion of {@code length} elements; the types are ordinals of {@link DataTypeEx}. */
  OpView converted(int from, int to, long length) {
    if (sink != null) {
      try {
        inputs.next().vector(TYPES[from], length);
        outputs.next().vector(TYPES[to], length);
      } catch (RuntimeException compressed) {
        failed = true;
      }
    }
    return this;
  }

  /** A vector as input. */
  OpView input(ElementType type, long length) {
    if (sink != null) {
      inputs.next().vector(type, length);
    }
    return this;
  }

  OpView output(ElementType type, long length) {
    if (sink != null) {
      outputs.next().vector(type, length);
    }
    return this;
  }

  /** Lets the op write exactly what it reads. */
  OpView inPlace() {
    if (sink != null) {
      for (int index = 0; index < inputs.count; index++) {
        TensorView input = inputs.get(index);
        if (input.buffer() == 0) {
          input.in(-1L - index); // no address, but the same for both
        }
        outputs.next().copy(input);
      }
    }
    return this;
  }

  private OpView read(Tensors tensors, long shapeInfo) {
    if (sink != null && shapeInfo != 0) {
      try {
        tensors.next().read(shapeInfo);
      } catch (RuntimeException unreadable) {
        failed = true;
      }
    }
    return this;
  }

  private OpView readIn(Tensors tensors, long shapeInfo, long buffer) {
    int before = tensors.count;
    read(tensors, shapeInfo);
    if (tensors.count > before) {
      tensors.get(before).in(buffer);
    }
    return this;
  }

  private OpView repeat(Tensors tensors, LongPointer shapeInfo, int count) {
    if (sink != null) {
      try {
        TensorView tensor = tensors.next();
        tensor.read(HostMemory.addressOf(shapeInfo));
        tensor.vector(tensor.elementType(), Math.multiplyExact(count, tensor.length()));
      } catch (RuntimeException unreadable) {
        failed = true;
      }
    }
    return this;
  }

  private OpView read(Tensors tensors, long shapeInfos, int count) {
    if (sink != null && shapeInfos != 0) {
      try {
        for (int index = 0; index < count; index++) {
          read(tensors, HostMemory.word(shapeInfos + (long) Long.BYTES * index));
        }
      } catch (RuntimeException unreadable) {
        failed = true;
      }
    }
    return this;
  }

  private OpRule rule() {
    return Objects.requireNonNull(rule, "begin() comes first");
  }

  @Override
  public OpFamily family() {
    return rule().family();
  }

  @Override
  public String name() {
    return rule().name();
  }

  @Override
  public int inputCount() {
    return inputs.count;
  }

  @Override
  public TensorSpec input(int index) {
    return inputs.get(index);
  }

  @Override
  public int outputCount() {
    return outputs.count;
  }

  @Override
  public TensorSpec output(int index) {
    return outputs.get(index);
  }

  @Override
  public int integerArgumentCount() {
    return arguments == null ? 0 : arguments.integerCount();
  }

  @Override
  public long integerArgument(int index) {
    return required().integer(index);
  }

  @Override
  public int realArgumentCount() {
    return arguments == null ? 0 : arguments.realCount();
  }

  @Override
  public double realArgument(int index) {
    return required().real(index);
  }

  @Override
  public int booleanArgumentCount() {
    return arguments == null ? 0 : arguments.flagCount();
  }

  @Override
  public boolean booleanArgument(int index) {
    return required().flag(index);
  }

  private ContextState required() {
    if (arguments == null) {
      throw new IndexOutOfBoundsException(name() + " has no arguments");
    }
    return arguments;
  }

  /** A list of views that keeps its elements when it is emptied. */
  private static final class Tensors {
    private TensorView[] views = create(new TensorView[INITIAL_TENSORS], 0);
    private int count;

    TensorView next() {
      if (count == views.length) {
        views = create(Arrays.copyOf(views, 2 * count), count);
      }
      return views[count++];
    }

    TensorView get(int index) {
      return views[Objects.checkIndex(index, count)];
    }

    private static TensorView[] create(TensorView[] array, int from) {
      for (int index = from; index < array.length; index++) {
        array[index] = new TensorView();
      }
      return array;
    }
  }
}
