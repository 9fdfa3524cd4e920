package org.ergometer.runtime.acceleration;

import java.lang.ref.Cleaner;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;

/**
 * What one thread needs to execute primitives: a stream, the primitives it has made, and scratch
 * memory for them. Primitives are kept by signature, the least recently used go first; those of a
 * thread that has ended are released when the garbage collector finds out.
 */
final class DnnlSession {

  /** More than any model's step needs; inputs of ever new lengths must not fill the memory. */
  private static final int MOST_PRIMITIVES = 1024;

  /** As many as {@link #number} knows. */
  private static final int NUMBERS = 16;

  private static final Cleaner CLEANER = Cleaner.create();

  private final dnnl_engine engine;
  private final Natives natives = new Natives();
  private final OpSignature signature = new OpSignature();
  private final AddressPointer address = new AddressPointer();

  DnnlSession(dnnl_engine engine) {
    this.engine = engine;
    DnnlStatus.require(
        dnnl.dnnl_stream_create(natives.stream, engine, dnnl.dnnl_stream_default_flags),
        "make a stream");
    CLEANER.register(this, natives);
  }

  dnnl_engine engine() {
    return engine;
  }

  /** The signature to look up with, emptied. */
  OpSignature signature(Object kernel) {
    return signature.of(kernel);
  }

  /** The primitive for the present signature; null if none was made yet. */
  @Nullable DnnlFunction find() {
    return natives.primitives.get(signature);
  }

  /** Keeps a primitive under the present signature. */
  DnnlFunction keep(DnnlFunction primitive) {
    natives.primitives.put(signature.copy(), primitive);
    reserve(primitive);
    return primitive;
  }

  /** Makes the scratch memory large enough for a primitive. */
  void reserve(DnnlFunction primitive) {
    natives.scratch(primitive.scratchBytes());
  }

  /** Lets a primitive work on the memory at an address as its tensor of that index. */
  void bind(DnnlFunction primitive, int tensor, long at) {
    primitive.bind(tensor, address.at(at));
  }

  /** Address of memory for this many numbers that are read before the next primitive runs. */
  long results(long count) {
    return natives.results(count);
  }

  /** Sets one of a few numbers that primitives take as tensors, and gives its address. */
  long number(int index, double value) {
    natives.numbers.put(index, (float) value);
    return natives.numbers.address() + (long) index * Float.BYTES;
  }

  /**
   * Executes a primitive on the tensors that were bound.
   *
   * @throws KernelFailureException if the library fails
   */
  void run(DnnlFunction primitive) {
    int status = status(primitive);
    if (!DnnlStatus.ok(status)) {
      throw new KernelFailureException("oneDNN", status);
    }
  }

  /** Executes a primitive whose failure does no harm; what the library answers. */
  int status(DnnlFunction primitive) {
    if (primitive.scratchBytes() > 0) {
      primitive.bindScratch(natives.scratch);
    }
    return primitive.execute(natives.stream);
  }

  /** What has to be released when the session is gone; must not refer to it. */
  private static final class Natives implements Runnable {
    private final dnnl_stream stream = new dnnl_stream();
    private BytePointer scratch = new BytePointer();
    private FloatPointer results = new FloatPointer();
    private final FloatPointer numbers = new FloatPointer(NUMBERS);
    private final Map<OpSignature, DnnlFunction> primitives =
        new LinkedHashMap<>(64, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<OpSignature, DnnlFunction> eldest) {
            boolean full = size() > MOST_PRIMITIVES;
            if (full) {
              eldest.getValue().close();
            }
            return full;
          }
        };

    /** Makes the scratch memory at least this large. */
    void scratch(long bytes) {
      if (bytes > scratch.capacity()) {
        scratch.deallocate();
        scratch = new BytePointer(bytes);
      }
    }

    long results(long count) {
      if (count > results.capacity()) {
        results.deallocate();
        results = new FloatPointer(count);
      }
      return results.address();
    }

    @Override
    public void run() {
      primitives.values().forEach(DnnlFunction::close);
      scratch.deallocate();
      results.deallocate();
      numbers.deallocate();
      dnnl.dnnl_stream_destroy(stream);
    }
  }
}
