package org.ergometer.models.transformer;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Views of arrays, made once for each array: ND4J takes longer to make one than for a small op.
 *
 * <p>Only those of arrays that come again are kept, see {@link ReusedMemory}; an array in a
 * workspace is a new one each time. Dimensions: B batch, T time, K head dimension. Not for sharing
 * between threads.
 */
final class Views {

  /** More than a layer of long sequences needs; arrays of ever new lengths must not pile up. */
  private static final int MOST = 512;

  private final Map<Key, INDArray> views = new HashMap<>();

  private enum Kind {
    ROWS,
    COLUMNS,
    HEADS,
    POSITIONS,
    GROUP
  }

  /** Arrays are told apart by identity: equality of arrays compares their elements. */
  private static final class Key {

    private final INDArray array;
    private final Kind kind;
    private final long first;
    private final long second;

    Key(INDArray array, Kind kind, long first, long second) {
      this.array = array;
      this.kind = kind;
      this.first = first;
      this.second = second;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key
          && array == key.array
          && kind == key.kind
          && first == key.first
          && second == key.second;
    }

    @Override
    public int hashCode() {
      long words = (System.identityHashCode(array) * 31L + kind.hashCode()) * 31 + first;
      return Long.hashCode((words * 31 + second) * 0x9E3779B97F4A7C15L);
    }
  }

  private INDArray view(
      INDArray array, Kind kind, long first, long second, Supplier<INDArray> maker) {
    if (array.isAttached()) {
      return maker.get();
    }
    Key key = new Key(array, kind, first, second);
    INDArray present = views.get(key);
    if (present == null) {
      if (views.size() == MOST) {
        views.clear();
      }
      present = maker.get();
      views.put(key, present);
    }
    return present;
  }

  /** x [B, T, M] as a matrix [B·T, M]. */
  INDArray rows(INDArray x) {
    return view(x, Kind.ROWS, 0, 0, () -> x.reshape('c', x.size(0) * x.size(1), x.size(2)));
  }

  /** Columns of a matrix from {@code from} until {@code to}. */
  INDArray columns(INDArray x, long from, long to) {
    return view(
        x,
        Kind.COLUMNS,
        from,
        to,
        () -> x.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to)));
  }

  /** Heads that lie side by side in x [B·T, heads·K], as [B, heads, T, K]. */
  INDArray heads(INDArray x, long batch, int headDim) {
    return view(
        x,
        Kind.HEADS,
        batch,
        headDim,
        () ->
            x.reshape('c', batch, x.size(0) / batch, x.size(1) / headDim, headDim)
                .permute(0, 2, 1, 3));
  }

  /**
   * Positions of x [B, heads, T, K]; ND4J's own {@code get} takes part of what is itself a part for
   * empty where its offset exceeds its length.
   */
  INDArray positions(INDArray x, long begin, long end) {
    if (begin == 0 && end == x.size(2)) {
      return x;
    }
    return view(
        x,
        Kind.POSITIONS,
        begin,
        end,
        () -> {
          long[] extents = {x.size(0), x.size(1), end - begin, x.size(3)};
          return Nd4j.create(x.data(), extents, x.stride(), x.offset() + begin * x.stride(2), 'c');
        });
  }

  /**
   * Of x [B, H, ..] the heads that are member {@code group} of their groups, [B, H / size, ..];
   * ND4J's own {@code slice} makes a scalar of [B, 1, 1, 1].
   */
  INDArray group(INDArray x, int group, int size) {
    if (size == 1) {
      return x;
    }
    return view(
        x,
        Kind.GROUP,
        group,
        size,
        () -> {
          long[] extents = {x.size(0), x.size(1) / size, x.size(2), x.size(3)};
          long[] strides = {x.stride(0), size * (long) x.stride(1), x.stride(2), x.stride(3)};
          return Nd4j.create(
              x.data(), extents, strides, x.offset() + group * (long) x.stride(1), 'c');
        });
  }
}
