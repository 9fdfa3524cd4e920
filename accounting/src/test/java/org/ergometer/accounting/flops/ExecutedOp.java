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
    List<Tensor> inputs,
    List<Tensor> outputs,
    List<Long> integers,
    List<Boolean> flags)
    implements OpDescriptor {

  static ExecutedOp of(OpFamily family, String name) {
    return new ExecutedOp(family, name, List.of(), List.of(), List.of(), List.of());
  }

  static ExecutedOp custom(String name) {
    return of(OpFamily.CUSTOM, name);
  }

  ExecutedOp in(long... shape) {
    return new ExecutedOp(family, name, with(inputs, shape), outputs, integers, flags);
  }

  ExecutedOp out(long... shape) {
    return new ExecutedOp(family, name, inputs, with(outputs, shape), integers, flags);
  }

  ExecutedOp args(long... arguments) {
    return new ExecutedOp(
        family, name, inputs, outputs, Arrays.stream(arguments).boxed().toList(), flags);
  }

  ExecutedOp flags(Boolean... arguments) {
    return new ExecutedOp(family, name, inputs, outputs, integers, List.of(arguments));
  }

  private static List<Tensor> with(List<Tensor> tensors, long... shape) {
    List<Tensor> more = new ArrayList<>(tensors);
    more.add(Tensor.of(ElementType.FLOAT32, shape));
    return List.copyOf(more);
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
    return 0;
  }

  @Override
  public double realArgument(int index) {
    throw new IndexOutOfBoundsException(index);
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
