package org.ergometer.runtime.acceleration;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.ShortPointer;
import org.bytedeco.javacpp.indexer.FloatRawIndexer;
import org.bytedeco.javacpp.indexer.IntRawIndexer;
import org.bytedeco.javacpp.indexer.LongRawIndexer;
import org.bytedeco.javacpp.indexer.ShortRawIndexer;

/**
 * Reads and writes memory at addresses, without a native call and without garbage: all of memory as
 * arrays that begin at address 0. Addresses are multiples of the element's size.
 */
final class HostMemory {

  private static final LongRawIndexer LONGS = new LongRawIndexer(new Longs());
  private static final FloatRawIndexer FLOATS = new FloatRawIndexer(new Floats());
  private static final ShortRawIndexer SHORTS = new ShortRawIndexer(new Shorts());
  private static final IntRawIndexer INTS = new IntRawIndexer(new Ints());

  private static final ThreadLocal<Ends> ENDS =
      ThreadLocal.withInitial(() -> new Ends(new AddressPointer(), new AddressPointer()));

  private HostMemory() {}

  static long word(long address) {
    return LONGS.get(address >>> 3);
  }

  static float real(long address) {
    return FLOATS.get(address >>> 2);
  }

  static void real(long address, float value) {
    FLOATS.put(address >>> 2, value);
  }

  /** The bits of a 16-bit number. */
  static short half(long address) {
    return SHORTS.get(address >>> 1);
  }

  static void half(long address, short bits) {
    SHORTS.put(address >>> 1, bits);
  }

  static int integer(long address) {
    return INTS.get(address >>> 2);
  }

  /** Copies so many bytes between places that do not overlap. */
  static void copy(long from, long to, long bytes) {
    Ends ends = ENDS.get();
    Pointer.memcpy(ends.to.at(to), ends.from.at(from), bytes);
  }

  /** Where a copy begins and where it goes, in place of two new objects for each. */
  private record Ends(AddressPointer from, AddressPointer to) {}

  private static final class Longs extends LongPointer {
    Longs() {
      super((Pointer) null);
      address = 0;
      limit = Long.MAX_VALUE >>> 3;
      capacity = limit;
    }
  }

  private static final class Shorts extends ShortPointer {
    Shorts() {
      super((Pointer) null);
      address = 0;
      limit = Long.MAX_VALUE >>> 1;
      capacity = limit;
    }
  }

  private static final class Floats extends FloatPointer {
    Floats() {
      super((Pointer) null);
      address = 0;
      limit = Long.MAX_VALUE >>> 2;
      capacity = limit;
    }
  }

  private static final class Ints extends IntPointer {
    Ints() {
      super((Pointer) null);
      address = 0;
      limit = Long.MAX_VALUE >>> 2;
      capacity = limit;
    }
  }
}
