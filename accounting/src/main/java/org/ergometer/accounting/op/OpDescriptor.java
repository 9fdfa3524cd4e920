package org.ergometer.accounting.op;

/**
 * One executed op: its name, tensors and arguments. On the hot path this is a view that is valid
 * only during the call it is handed to.
 */
public interface OpDescriptor {

  OpFamily family();

  /** Canonical name within the family, such as {@code matmul}. */
  String name();

  int inputCount();

  TensorSpec input(int index);

  int outputCount();

  TensorSpec output(int index);

  /** Number of integer arguments; for reductions they are the reduced dimensions. */
  int integerArgumentCount();

  long integerArgument(int index);

  int realArgumentCount();

  double realArgument(int index);

  int booleanArgumentCount();

  boolean booleanArgument(int index);
}
