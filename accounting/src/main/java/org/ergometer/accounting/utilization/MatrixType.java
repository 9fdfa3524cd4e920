package org.ergometer.accounting.utilization;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Data type in which a device multiplies matrices; its peak depends on it. */
public enum MatrixType {
  FLOAT64("fp64 double"),
  FLOAT32("fp32 single"),
  /** NVIDIA's 19-bit format for float32 operands. */
  TF32("tensorfloat32"),
  FLOAT16("fp16 half"),
  BFLOAT16("bf16"),
  /** Either of the two 8-bit formats. */
  FLOAT8("fp8 e4m3 e5m2");

  private final String label = name().toLowerCase(Locale.ROOT);
  private final String others;

  MatrixType(String others) {
    this.others = others;
  }

  /** Name used in metrics and JSON, such as {@code bfloat16}. */
  public String label() {
    return label;
  }

  /** The type of a name, such as {@code bfloat16} or {@code bf16}, in any case. */
  public static Optional<MatrixType> named(String text) {
    String name = text.strip().toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(type -> type.allNames().anyMatch(name::equals))
        .findFirst();
  }

  /** Every name, the short ones included. */
  public static List<String> names() {
    return Arrays.stream(values()).flatMap(MatrixType::allNames).toList();
  }

  private Stream<String> allNames() {
    return Stream.concat(Stream.of(label), Stream.of(others.split(" ", -1)));
  }
}
