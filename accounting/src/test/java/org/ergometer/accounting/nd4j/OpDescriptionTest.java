package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.ergometer.accounting.flops.FlopFormula;
import org.ergometer.accounting.flops.FlopRegistry;
import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.TensorSpec;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.impl.indexaccum.LastIndex;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.PowPairwise;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.indexing.conditions.Conditions;
import org.nd4j.linalg.ops.transforms.Transforms;

/** What a formula is shown of an executed op: real shapes, real types, real arguments. */
class OpDescriptionTest {

  private final List<String> seen = new ArrayList<>();
  private final INDArray matrix = Nd4j.rand(DataType.FLOAT, 2, 3);

  /**
   * A sum in place reads 2·6 and writes 6 floats of two memories: 72 bytes of traffic and 48 of
   * footprint; into a third, as many. A square reads one memory twice.
   */
  @Test
  void whatIsReadAndWrittenInPlaceIsOneFootprint() {
    INDArray a = Nd4j.ones(DataType.FLOAT, 2, 3);
    INDArray b = Nd4j.ones(DataType.FLOAT, 2, 3);
    INDArray c = Nd4j.ones(DataType.FLOAT, 2, 3);

    LedgerSnapshot inPlace = Counted.during(() -> a.addi(b));
    LedgerSnapshot apart = Counted.during(() -> a.addi(b, c));
    LedgerSnapshot square = Counted.during(() -> a.muli(a, c));
    LedgerSnapshot scaled = Counted.during(() -> a.muli(2));
    LedgerSnapshot custom =
        Counted.during(
            () ->
                Nd4j.exec(
                    DynamicCustomOp.builder("multiply").addInputs(a, b).addOutputs(a).build()));

    assertThat(inPlace.bytesRead().add(inPlace.bytesWritten())).isEqualTo(72);
    assertThat(inPlace.footprint()).isEqualTo(48);
    assertThat(apart.footprint()).isEqualTo(72);
    assertThat(square.footprint()).isEqualTo(48);
    assertThat(custom.bytesRead().add(custom.bytesWritten())).isEqualTo(72);
    assertThat(custom.footprint()).isEqualTo(48);
    // the scalar is another four bytes
    assertThat(scaled.footprint()).isEqualTo(scaled.bytesRead());
  }

  @Test
  void aScalarOperandIsAnInputOfLengthOne() {
    watch(OpFamily.SCALAR, "Multiply", () -> matrix.mul(2));
    assertThat(seen).containsExactly("float32[2, 3] float32[] -> float32[2, 3]");
  }

  @Test
  void pairwiseOps() {
    INDArray z = matrix.ulike();
    watch(
        OpFamily.PAIRWISE,
        "Pow",
        () -> Nd4j.getExecutioner().exec(new PowPairwise(matrix, matrix, z)));
    assertThat(seen).containsExactly("float32[2, 3] float32[2, 3] -> float32[2, 3]");
  }

  @Test
  void everyType() {
    watch(
        OpFamily.CUSTOM,
        "add",
        () -> {
          for (DataType type :
              List.of(DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16, DataType.INT32)) {
            INDArray x = Nd4j.ones(type, 2, 3);
            x.addi(x);
          }
          INDArray x = Nd4j.ones(DataType.UINT8, 4);
          x.addi(x);
        });
    assertThat(seen)
        .containsExactly(
            "float64[2, 3] float64[2, 3] -> float64[2, 3]",
            "float16[2, 3] float16[2, 3] -> float16[2, 3]",
            "bfloat16[2, 3] bfloat16[2, 3] -> bfloat16[2, 3]",
            "int32[2, 3] int32[2, 3] -> int32[2, 3]",
            "uint8[4] uint8[4] -> uint8[4]");
  }

  @Test
  void viewsHaveTheirOwnShape() {
    INDArray view = matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 2));
    watch(
        OpFamily.SCALAR,
        "Add",
        () -> {
          view.addi(1);
          matrix.transpose().addi(1);
          matrix.dup('f').addi(1);
        });
    assertThat(seen)
        .containsExactly(
            "float32[2, 2] float32[] -> float32[2, 2]",
            "float32[3, 2] float32[] -> float32[3, 2]",
            "float32[2, 3] float32[] -> float32[2, 3]");
  }

  @Test
  void comparisonsGiveBooleans() {
    watch(OpFamily.SCALAR, "GreaterThan", () -> matrix.gt(0.5));
    assertThat(seen).containsExactly("float32[2, 3] float32[] -> bool[2, 3]");
  }

  @Test
  void transformsAndReductions() {
    INDArray cube = Nd4j.rand(DataType.FLOAT, 2, 3, 4);
    watch(OpFamily.TRANSFORM, "Tanh", () -> Transforms.tanh(cube, true));
    watch(OpFamily.REDUCE, "Sum", () -> cube.sum(1));
    watch(OpFamily.REDUCE, "Mean", () -> cube.mean());
    watch(
        OpFamily.INDEX_REDUCE,
        "LastIndex",
        () -> Nd4j.getExecutioner().exec(new LastIndex(cube, Conditions.greaterThan(0.5), 2)));
    watch(OpFamily.SUMMARY, "SummaryStatsVariance", () -> cube.var(0));
    watch(OpFamily.BROADCAST, "Add", () -> cube.addi(Nd4j.ones(DataType.FLOAT, 1, 3, 1)));
    assertThat(seen)
        .startsWith(
            "float32[2, 3, 4] -> float32[2, 3, 4]",
            "float32[2, 3, 4] -> float32[2, 4]",
            "float32[2, 3, 4] -> float32[]",
            "float32[2, 3, 4] -> int64[2, 3]",
            "float32[2, 3, 4] -> float32[3, 4]");
  }

  @Test
  void distances() {
    watch(
        OpFamily.REDUCE3,
        "CosineSimilarity",
        () -> Transforms.cosineSim(matrix.reshape(6), matrix.reshape(6)));
    assertThat(seen).containsExactly("float32[6] float32[6] -> float32[]");
  }

  @Test
  void randomNumbersAreOutputsOnly() {
    watch(OpFamily.RANDOM, "UniformDistribution", () -> Nd4j.rand(DataType.FLOAT, 3, 3));
    assertThat(seen).containsExactly(" -> float32[3, 3]");
  }

  @Test
  void customOpsWithAllTheirArguments() {
    CustomOp op =
        DynamicCustomOp.builder("layer_norm")
            .addInputs(matrix, Nd4j.ones(DataType.FLOAT, 3))
            .addOutputs(Nd4j.create(DataType.FLOAT, 2, 3))
            .addIntegerArguments(1)
            .addBooleanArguments(true)
            .build();
    watch(OpFamily.CUSTOM, "layer_norm", () -> Nd4j.exec(op));
    CustomOp clip =
        DynamicCustomOp.builder("clipbyvalue")
            .addInputs(matrix)
            .addOutputs(Nd4j.create(DataType.FLOAT, 2, 3))
            .addFloatingPointArguments(0.25, 0.5)
            .build();
    watch(OpFamily.CUSTOM, "clipbyvalue", () -> Nd4j.exec(clip));
    assertThat(seen)
        .containsExactly(
            "float32[2, 3] float32[3] -> float32[2, 3] integers [1] booleans [true]",
            "float32[2, 3] -> float32[2, 3] reals [0.25, 0.5]");
  }

  @Test
  void customOpsInPlace() {
    CustomOp op =
        DynamicCustomOp.builder("clipbyvalue")
            .addInputs(matrix)
            .callInplace(true)
            .addFloatingPointArguments(0.25, 0.5)
            .build();
    watch(OpFamily.CUSTOM, "clipbyvalue", () -> Nd4j.exec(op));
    assertThat(seen).containsExactly("float32[2, 3] -> float32[2, 3] reals [0.25, 0.5]");
  }

  @Test
  void aContextThatIsUsedAgainKeepsItsTensorsUntilItIsPurged() {
    INDArray small = Nd4j.ones(DataType.FLOAT, 2, 2);
    watch(
        OpFamily.CUSTOM,
        "add",
        () -> {
          OpContext context = Nd4j.getExecutioner().buildContext();
          context.setInputArrays(matrix, matrix);
          context.setOutputArray(0, matrix.ulike());
          CustomOp add = DynamicCustomOp.builder("add").build();
          Nd4j.exec(add, context);
          Nd4j.exec(add, context);
          context.setInputArray(0, small);
          context.setInputArray(1, small);
          context.setOutputArray(0, small.ulike());
          Nd4j.exec(add, context);
          context.purge();
          context.setInputArrays(matrix, small.getScalar(0, 0));
          context.setOutputArray(0, matrix.ulike());
          Nd4j.exec(add, context);
        });
    assertThat(seen)
        .containsExactly(
            "float32[2, 3] float32[2, 3] -> float32[2, 3]",
            "float32[2, 3] float32[2, 3] -> float32[2, 3]",
            "float32[2, 2] float32[2, 2] -> float32[2, 2]",
            "float32[2, 3] float32[] -> float32[2, 3]");
  }

  @Test
  void emptyArraysHaveNoElements() {
    INDArray empty = Nd4j.create(DataType.FLOAT, 0, 3);
    watch(
        OpFamily.CUSTOM,
        "concat",
        () ->
            Nd4j.exec(
                DynamicCustomOp.builder("concat")
                    .addInputs(empty, matrix)
                    .addOutputs(Nd4j.create(DataType.FLOAT, 2, 3))
                    .addIntegerArguments(0)
                    .build()));
    assertThat(seen).containsExactly("float32[0, 3] float32[2, 3] -> float32[2, 3] integers [0]");
  }

  @Test
  void pulledRowsAreCountedAndNotTheirTable() {
    INDArray table = Nd4j.rand(DataType.FLOAT, 100, 4);
    watch(OpFamily.MEMORY, "pullRows", () -> Nd4j.pullRows(table, 1, 7, 9));
    assertThat(seen).containsExactly("float32[2, 4] int64[2] -> float32[2, 4]");
  }

  @Test
  void namesThatShareOneOpAreOneOp() {
    LedgerSnapshot counted =
        Counted.during(
            () -> {
              for (String name : List.of("matmul", "mmul", "gemm")) {
                Nd4j.exec(
                    DynamicCustomOp.builder(name)
                        .addInputs(matrix, matrix.transpose())
                        .addOutputs(Nd4j.createUninitialized(DataType.FLOAT, 2, 2))
                        .build());
              }
            });
    assertThat(counted.where(entry -> entry.op().equals("matmul")).executions()).isEqualTo(3);
  }

  @Test
  void anOpWithoutARuleIsShownByName() {
    LedgerSnapshot counted =
        Counted.during(FlopRegistry.of(List.of()), () -> Transforms.tanh(matrix, false));
    assertThat(counted.unaccounted()).containsEntry("Tanh", 1L);
    assertThat(counted.bytesRead()).isEqualTo(24);
  }

  @Test
  void aFormulaThatThrowsIsAnAccountingErrorAndTheResultStands() {
    FlopRegistry rules =
        FlopRegistry.of(
            List.of(
                rule(
                    OpFamily.SCALAR,
                    "Multiply",
                    op -> {
                      throw new AssertionError("a formula of the user's");
                    })));
    INDArray[] result = new INDArray[1];
    LedgerSnapshot counted = Counted.during(rules, () -> result[0] = matrix.mul(2));
    assertThat(result[0]).isEqualTo(matrix.add(matrix));
    assertThat(counted.accountingErrors()).isEqualTo(1);
  }

  @Test
  void aFormulaThatExecutesOpsDoesNotDisturbItsOwnOp() {
    INDArray other = Nd4j.ones(DataType.DOUBLE, 5);
    watch(OpFamily.SCALAR, "Multiply", op -> other.sumNumber().longValue(), () -> matrix.mul(2));
    assertThat(seen).containsExactly("float32[2, 3] float32[] -> float32[2, 3]");
  }

  private void watch(OpFamily family, String name, Runnable work) {
    watch(family, name, op -> 0, work);
  }

  private void watch(OpFamily family, String name, FlopFormula before, Runnable work) {
    FlopFormula formula =
        op -> {
          long flops = before.flops(op);
          seen.add(describe(op));
          return flops;
        };
    LedgerSnapshot counted =
        Counted.during(FlopRegistry.of(List.of(rule(family, name, formula))), work);
    assertThat(counted.accountingErrors()).isZero();
  }

  private static OpRule rule(OpFamily family, String name, FlopFormula formula) {
    return OpRule.of(family, name, OpClass.ELEMENTWISE, formula, "test");
  }

  private static String describe(OpDescriptor op) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.join(
            " ",
            IntStream.range(0, op.inputCount()).mapToObj(i -> describe(op.input(i))).toList()));
    text.append(" -> ");
    text.append(
        String.join(
            " ",
            IntStream.range(0, op.outputCount()).mapToObj(i -> describe(op.output(i))).toList()));
    append(text, " integers ", op.integerArgumentCount(), op::integerArgument);
    append(text, " reals ", op.realArgumentCount(), op::realArgument);
    append(text, " booleans ", op.booleanArgumentCount(), op::booleanArgument);
    return text.toString();
  }

  private static void append(
      StringBuilder text, String label, int count, IntFunction<Object> value) {
    if (count > 0) {
      text.append(label).append(IntStream.range(0, count).mapToObj(value).toList());
    }
  }

  private static String describe(TensorSpec tensor) {
    long[] shape = IntStream.range(0, tensor.rank()).mapToLong(tensor::size).toArray();
    assertThat(tensor.length()).isEqualTo(LongStream.of(shape).reduce(1, Math::multiplyExact));
    assertThat(tensor.elementType()).isNotEqualTo(ElementType.STRING);
    return tensor.elementType().label() + Arrays.toString(shape);
  }
}
