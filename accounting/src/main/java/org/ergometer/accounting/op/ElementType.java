package org.ergometer.accounting.op;

import java.util.Locale;

/**
 * Type of a tensor's elements, with its width in bytes; strings have no fixed width and count 0.
 */
public enum ElementType {
  FLOAT64(8, true),
  FLOAT32(4, true),
  FLOAT16(2, true),
  BFLOAT16(2, true),
  INT64(8, false),
  INT32(4, false),
  INT16(2, false),
  INT8(1, false),
  UINT64(8, false),
  UINT32(4, false),
  UINT16(2, false),
  UINT8(1, false),
  BOOL(1, false),
  STRING(0, false);

  private final int bytes;
  private final boolean floating;
  private final String label;

  ElementType(int bytes, boolean floating) {
    this.bytes = bytes;
    this.floating = floating;
    this.label = name().toLowerCase(Locale.ROOT);
  }

  /** Width of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether arithmetic on this type is floating-point arithmetic. */
  public boolean floating() {
    return floating;
  }

  /** Name used in metrics and JSON, such as {@code float32}. */
  public String label() {
    return label;
  }
}
