package org.ergometer.runtime.acceleration;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.ShortPointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SixteenBitsTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 8000",
    "1, 3c00",
    "-2, c000",
    "65504, 7bff",
    "65519, 7bff",
    "65520, 7c00",
    "1e30, 7c00",
    "-Infinity, fc00",
    "NaN, 7e00",
    "6.103515625e-5, 0400",
    "5.9604644775390625e-8, 0001",
    "2.98e-8, 0000",
    "2.99e-8, 0001",
    "2049, 6800",
    "2051, 6802",
    "1e-40, 0000"
  })
  void roundsToFloat16(float value, String bits) {
    assertThat(SixteenBits.toFloat16(Float.floatToRawIntBits(value)))
        .isEqualTo((short) Integer.parseInt(bits, 16));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 3f80",
    "-1, bf80",
    "1.00390625, 3f80",
    "1.01171875, 3f82",
    "3.4e38, 7f80",
    "Infinity, 7f80",
    "NaN, 7fc0",
    "-0.0, 8000"
  })
  void roundsToBfloat16(float value, String bits) {
    assertThat(SixteenBits.toBfloat16(Float.floatToRawIntBits(value)))
        .isEqualTo((short) Integer.parseInt(bits, 16));
  }

  /** Every one of the 65,536 comes back as it was; a NaN as some NaN. */
  @Test
  void whatIsWidenedIsNarrowedToTheSame() {
    for (int type : new int[] {dnnl.dnnl_f16, dnnl.dnnl_bf16}) {
      int count = 1 << Short.SIZE;
      try (ShortPointer before = new ShortPointer(count);
          FloatPointer wide = new FloatPointer(count);
          ShortPointer after = new ShortPointer(count)) {
        for (int bits = 0; bits < count; bits++) {
          before.put(bits, (short) bits);
        }
        SixteenBits.widen(type, before.address(), 1, wide.address(), count);
        SixteenBits.narrow(type, wide.address(), after.address(), 1, count);
        for (int bits = 0; bits < count; bits++) {
          if (!Float.isNaN(wide.get(bits))) {
            assertThat(after.get(bits)).isEqualTo((short) bits);
          }
        }
      }
    }
  }
}
