package org.ergometer.models.tokenizer;

import java.util.Arrays;

/** Tokens that are being collected. */
final class IntList {

  private int[] values = new int[64];
  private int size;

  void add(int value) {
    reserve(1);
    values[size++] = value;
  }

  void addAll(int... more) {
    reserve(more.length);
    System.arraycopy(more, 0, values, size, more.length);
    size += more.length;
  }

  int[] toArray() {
    return Arrays.copyOf(values, size);
  }

  private void reserve(int more) {
    if (size + more > values.length) {
      values = Arrays.copyOf(values, Math.max(Math.addExact(size, more), size + (size >> 1)));
    }
  }
}
