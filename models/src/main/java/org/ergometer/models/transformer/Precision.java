package org.ergometer.models.transformer;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.op.ElementType;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Which work of a float32 model is done in which type, and why.
 *
 * @param label name on the command line and in files
 * @param productType type to which operands of weights' products are rounded; null leaves them
 * @param lossScaled whether gradients are so small in that type that the loss is multiplied first
 */
public record Precision(String label, @Nullable DataType productType, boolean lossScaled) {

  /** Everything in float32. */
  public static final Precision FLOAT32 = new Precision("float32", null, false);

  /** Products of weights on bfloat16; its exponent is float32's, so that no loss is scaled. */
  public static final Precision MIXED_BFLOAT16 =
      new Precision("mixed-bfloat16", DataType.BFLOAT16, false);

  /**
   * Products of weights on float16, which knows nothing below 2^-24 and above 65,504 (Micikevicius
   * et al. 2018).
   */
  public static final Precision MIXED_FLOAT16 =
      new Precision("mixed-float16", DataType.FLOAT16, true);

  private static final List<Precision> ALL = List.of(FLOAT32, MIXED_BFLOAT16, MIXED_FLOAT16);

  /** Kinds of work that a policy decides on. */
  public enum Work {
    /** Products with a weight: forward, of the input's and of the weight's gradient. */
    WEIGHT_PRODUCT("sums are added up in float32; operands keep 8 bits of bfloat16, 11 of float16"),
    /** Inputs of these products, kept for the backward pass. */
    KEPT_INPUT("the backward pass multiplies what the forward pass did, and that is rounded"),
    /** Products of queries, keys and values. */
    ATTENTION_PRODUCT("scores go into an exponential, where rounding grows"),
    /** Norms, softmax, activations and the loss. */
    POINTWISE("sums and exponentials lose small terms in 16 bits; no product to speed up"),
    /** Parameters, gradients' sums, optimizer state and the update. */
    UPDATE("an update is often smaller than half a unit in the last place of 16 bits");

    private final String reason;

    Work(String reason) {
      this.reason = reason;
    }

    /** Why it takes the type that it takes where types are mixed. */
    public String reason() {
      return reason;
    }
  }

  /** Type of the operands of some work. */
  public DataType type(Work work) {
    return switch (work) {
      case WEIGHT_PRODUCT, KEPT_INPUT -> productType == null ? DataType.FLOAT : productType;
      case ATTENTION_PRODUCT, POINTWISE, UPDATE -> DataType.FLOAT;
    };
  }

  /** Every policy. */
  public static List<Precision> all() {
    return ALL;
  }

  /** Name of the type that operands of weights' products are rounded to. */
  public String productLabel() {
    return label(type(Work.WEIGHT_PRODUCT));
  }

  /** Name of a type as in {@code accounting.op.ElementType}. */
  public static String label(DataType type) {
    return switch (type) {
      case HALF -> ElementType.FLOAT16.label();
      case BFLOAT16 -> ElementType.BFLOAT16.label();
      case FLOAT -> ElementType.FLOAT32.label();
      default -> type.name().toLowerCase(Locale.ROOT);
    };
  }

  /** Whether any work is not done in float32. */
  public boolean mixed() {
    return productType != null;
  }

  /**
   * The policy of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Precision named(String label) {
    return ALL.stream()
        .filter(precision -> precision.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "precision must be one of %s, got \"%s\"; set --precision"
                        .formatted(
                            Arrays.toString(ALL.stream().map(Precision::label).toArray()), label)));
  }
}
