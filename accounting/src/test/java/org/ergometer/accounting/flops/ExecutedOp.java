package org.ergometer.accounting.flops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Tensor;
import org.ergometer.accounting.op.TensorSpec;

/** An op as a value, built up piece by piece. */
record ExecutedOp(
    OpFamily family,
    String name,
    List<TensorSpec> inputs,
    List<TensorSpec> outputs,
    List<Long> integers,
    List<Double> reals,
    List<Boolean> flags)
    implements OpDescriptor {

  static ExecutedOp of(OpFamily family, String name) {
    return new ExecutedOp(family, name, List.of(), List.of(), List.of(), List.of(), List.of());
  }

  static ExecutedOp custom(String name) {
    return of(OpFamily.CUSTOM, name);
  }

  ExecutedOp in(long... shape) {
    return inAt(0, shape);
  }

  /** An input in the memory that {@code buffer} stands for. */
  ExecutedOp inAt(long buffer, long... shape) {
    return new ExecutedOp(
        family, name, with(inputs, buffer, shape), outputs, integers, reals, flags);
  }

  ExecutedOp out(long... shape) {
    return outAt(0, shape);
  }

  ExecutedOp outAt(long buffer, long... shape) {
    return new ExecutedOp(
        family, name, inputs, with(outputs, buffer, shape), integers, reals, flags);
  }

  ExecutedOp args(long... arguments) {
    return new ExecutedOp(
        family, name, inputs, outputs, Arrays.stream(arguments).boxed().toList(), reals, flags);
  }

  ExecutedOp reals(Double... arguments) {
    return new ExecutedOp(family, name, inputs, outputs, integers, List.of(arguments), flags);
  }

  ExecutedOp flags(Boolean... arguments) {
    return new ExecutedOp(family, name, inputs, outputs, integers, reals, List.of(arguments));
  }

  private static List<TensorSpec> with(List<TensorSpec> tensors, long buffer, long... shape) {
    List<TensorSpec> more = new ArrayList<>(tensors);
    more.add(new Placed(Tensor.of(ElementType.FLOAT32, shape), buffer));
    return List.copyOf(more);
  }

  private record Placed(Tensor tensor, long buffer) implements TensorSpec {

    @Override
    public ElementType elementType() {
      return tensor.elementType();
    }

    @Override
    public int rank() {
      return tensor.rank();
    }

    @Override
    public long size(int dimension) {
      return tensor.size(dimension);
    }
  }

  @Override
  public int inputCount() {
    return inputs.size();
  }

  @Override
  public TensorSpec input(int index) {
    return inputs.get(index);
  }

  @Override
  public int outputCount() {
    return outputs.size();
  }

  @Override
  public TensorSpec output(int index) {
    return outputs.get(index);
  }

  @Override
  public int integerArgumentCount() {
    return integers.size();
  }

  @Override
  public long integerArgument(int index) {
    return integers.get(index);
  }

  @Override
  public int realArgumentCount() {
    return reals.size();
  }

  @Override
  public double realArgument(int index) {
    return reals.get(index);
  }

  @Override
  public int booleanArgumentCount() {
    return flags.size();
  }

  @Override
  public boolean booleanArgument(int index) {
    return flags.get(index);
  }
}
