package org.ergometer.accounting.nd4j;

import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.indexer.LongRawIndexer;
import org.jspecify.annotations.Nullable;

/**
 * Reads 64-bit words of host memory at an address, without allocating and without a native call.
 *
 * <p>It reads where JavaCPP's own indexers read, so it works wherever ND4J's {@code getDouble}
 * does.
 */
final class HostMemory {

  private static final LongRawIndexer WORDS = new LongRawIndexer(new AddressSpace());

  private HostMemory() {}

  /** The word at an address, which must be a multiple of 8 and readable. */
  static long word(long address) {
    if (address <= 0 || (address & (Long.BYTES - 1)) != 0) {
      throw new IllegalArgumentException(
          "address must be positive and aligned to 8 bytes, got " + address);
    }
    return WORDS.get(address >>> 3);
  }

  /** Where a pointer points, its position included; 0 for none. */
  static long addressOf(@Nullable Pointer pointer) {
    if (pointer == null) {
      return 0;
    }
    long position = pointer.position();
    return position == 0 ? pointer.address() : pointer.address() + position * pointer.sizeof();
  }

  /** All of memory as one array of words that begins at address 0. */
  private static final class AddressSpace extends LongPointer {
    AddressSpace() {
      super((Pointer) null);
      address = 0;
      limit = Long.MAX_VALUE >>> 3;
      capacity = limit;
    }
  }
}
