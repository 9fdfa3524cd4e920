package org.ergometer.runtime.acceleration;

import java.util.Arrays;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Arrays of given extents that lie in memory in all the ways that ND4J knows. */
final class RandomArrays {

  private final Random random;

  RandomArrays(long seed) {
    random = new Random(seed);
  }

  Random random() {
    return random;
  }

  int between(int least, int most) {
    return least + random.nextInt(most - least + 1);
  }

  /** Normal values, in a random order of dimensions, dense or a part of a larger array. */
  INDArray array(DataType type, long... extents) {
    return switch (random.nextInt(4)) {
      case 0 -> filled(type, 'c', extents);
      case 1 -> filled(type, 'f', extents);
      case 2 -> permuted(type, extents);
      default -> window(type, extents);
    };
  }

  /** With infinities and values that are not numbers here and there. */
  INDArray exceptional(DataType type, long... extents) {
    INDArray array = array(type, extents);
    double[] values = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0};
    for (double value : values) {
      long[] place = new long[extents.length];
      for (int dimension = 0; dimension < extents.length; dimension++) {
        place[dimension] = random.nextInt((int) extents[dimension]);
      }
      if (random.nextBoolean()) {
        array.putScalar(place, value);
      }
    }
    return array;
  }

  private INDArray filled(DataType type, char order, long... extents) {
    long length = Arrays.stream(extents).reduce(1, (a, b) -> a * b);
    double[] values = random.doubles(length, -2, 2).toArray();
    INDArray flat = Nd4j.createFromArray(values).castTo(type);
    return order == 'c' ? flat.reshape('c', extents) : flat.reshape('c', extents).dup('f');
  }

  private INDArray permuted(DataType type, long... extents) {
    int rank = extents.length;
    int[] order = new int[rank];
    Arrays.setAll(order, dimension -> dimension);
    for (int last = rank - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      int held = order[last];
      order[last] = order[other];
      order[other] = held;
    }
    long[] stored = new long[rank];
    for (int dimension = 0; dimension < rank; dimension++) {
      stored[order[dimension]] = extents[dimension];
    }
    return filled(type, 'c', stored).permute(order);
  }

  private INDArray window(DataType type, long... extents) {
    int rank = extents.length;
    long[] larger = new long[rank];
    INDArrayIndex[] indices = new INDArrayIndex[rank];
    for (int dimension = 0; dimension < rank; dimension++) {
      int before = random.nextInt(3);
      larger[dimension] = extents[dimension] + before + random.nextInt(3);
      indices[dimension] = NDArrayIndex.interval(before, before + extents[dimension]);
    }
    return filled(type, random.nextBoolean() ? 'c' : 'f', larger).get(indices);
  }
}
