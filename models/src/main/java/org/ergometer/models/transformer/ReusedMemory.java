package org.ergometer.models.transformer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays that come again in each pass: the n-th after a {@link #rewind} is the n-th of the pass
 * before, the same object where the shape is the same.
 *
 * <p>A pass asks for the same arrays in the same order. To make an array, in a workspace or not,
 * takes ND4J longer than a small op does, and its workspaces grow past what they hold; here, a step
 * after the first makes none, and there is as much memory as the largest pass needs. Arrays begin
 * at multiples of a cache line. Not for sharing between threads.
 */
final class ReusedMemory implements Memory {

  /** Bytes of a cache line, and of the widest vectors of x86-64. */
  private static final int ALIGNMENT = 64;

  /** Shapes that a place remembers; a layer's kinds and a short last batch are few. */
  private static final int MOST_SHAPES = 8;

  private final DataType dataType;
  private final List<Place> places = new ArrayList<>();
  private final Map<DataType, ReusedMemory> others = new EnumMap<>(DataType.class);
  private int next;

  ReusedMemory(DataType dataType) {
    this.dataType = dataType;
  }

  /** Begins a pass: what was given out before may be overwritten from now on. */
  ReusedMemory rewind() {
    next = 0;
    others.values().forEach(ReusedMemory::rewind);
    return this;
  }

  /** Its passes are the same: a rewind of one is one of both. */
  @Override
  public Memory as(DataType other) {
    return other == dataType ? this : others.computeIfAbsent(other, ReusedMemory::new);
  }

  /** Bytes of the arrays of the largest pass until now, without what aligns them. */
  long bytes() {
    long bytes = 0;
    for (Place place : places) {
      bytes += place.capacity * dataType.width();
    }
    for (ReusedMemory other : others.values()) {
      bytes += other.bytes();
    }
    return bytes;
  }

  @Override
  public INDArray array(long... shape) {
    if (next == places.size()) {
      places.add(new Place());
    }
    return places.get(next++).array(shape);
  }

  /** Whether an array is one of these. */
  boolean holds(@Nullable INDArray array) {
    return places.stream().anyMatch(place -> place.holds(array));
  }

  /** Memory for one array of a pass. */
  private final class Place {

    private final List<INDArray> arrays = new ArrayList<>();
    private @Nullable INDArray memory;
    private long capacity;
    private long begin;

    INDArray array(long... shape) {
      for (INDArray array : arrays) {
        if (Arrays.equals(array.shape(), shape)) {
          return array;
        }
      }
      INDArray added = add(shape);
      if (arrays.size() == MOST_SHAPES) {
        arrays.remove(0);
      }
      arrays.add(added);
      return added;
    }

    private INDArray add(long... shape) {
      long length = 1;
      for (long extent : shape) {
        length = Math.multiplyExact(length, extent);
      }
      INDArray present = memory;
      if (present == null || length > capacity) {
        present = allocate(length);
      }
      return Nd4j.create(present.data(), shape, Nd4j.getStrides(shape, 'c'), begin, 'c');
    }

    private INDArray allocate(long length) {
      int elementSize = dataType.width();
      INDArray allocated =
          Nd4j.createUninitializedDetached(dataType, length + ALIGNMENT / elementSize);
      long beyond = allocated.data().address() % ALIGNMENT;
      memory = allocated;
      arrays.clear();
      capacity = length;
      begin = beyond == 0 ? 0 : (ALIGNMENT - beyond) / elementSize;
      return allocated;
    }

    boolean holds(@Nullable INDArray array) {
      for (INDArray own : arrays) {
        if (own == array) {
          return true;
        }
      }
      return false;
    }
  }
}
