package org.ergometer.accounting.nd4j;

import org.ergometer.accounting.op.ElementType;
import org.nd4j.linalg.api.buffer.DataType;

/** ND4J's data types in this library's words. */
final class ElementTypes {

  private ElementTypes() {}

  /** The element type; strings and compressed arrays have no fixed width and come out as text. */
  static ElementType of(DataType type) {
    return switch (type) {
      case DOUBLE -> ElementType.FLOAT64;
      case FLOAT -> ElementType.FLOAT32;
      case HALF -> ElementType.FLOAT16;
      case BFLOAT16 -> ElementType.BFLOAT16;
      case LONG -> ElementType.INT64;
      case INT -> ElementType.INT32;
      case SHORT -> ElementType.INT16;
      case BYTE -> ElementType.INT8;
      case UINT64 -> ElementType.UINT64;
      case UINT32 -> ElementType.UINT32;
      case UINT16 -> ElementType.UINT16;
      case UBYTE -> ElementType.UINT8;
      case BOOL -> ElementType.BOOL;
      case UTF8, COMPRESSED, UNKNOWN -> ElementType.STRING;
    };
  }
}
