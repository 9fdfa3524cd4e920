package org.ergometer.accounting.flops;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;

/**
 * Collects the rules of one family and class of ops, in the few forms that most of them take.
 * Formulas are written in the language of {@link Arithmetic}.
 */
final class RuleList {

  private final List<OpRule> rules = new ArrayList<>();
  private final OpFamily family;
  private final OpClass opClass;
  private final Traffic traffic;

  RuleList(OpFamily family, OpClass opClass) {
    this(family, opClass, Traffic.EVERY_ELEMENT_ONCE);
  }

  /** For ops that all leave the same part of their tensors alone. */
  RuleList(OpFamily family, OpClass opClass, Traffic traffic) {
    this.family = family;
    this.opClass = opClass;
    this.traffic = traffic;
  }

  List<OpRule> rules() {
    return rules;
  }

  /** The formula once per element of the first output; broadcast operands count as often. */
  RuleList perOutput(String formula, String... names) {
    long flops = Arithmetic.flops(formula);
    return all(
        op -> Extent.product(flops, Extent.output(op)), formula + ", per output element", names);
  }

  /** The formula once per element of the first input. */
  RuleList perInput(String formula, String... names) {
    long flops = Arithmetic.flops(formula);
    return all(
        op -> Extent.product(flops, Extent.input(op, 0)), formula + ", per input element", names);
  }

  /** The formula once per element of the last input, in a backward op the incoming gradient. */
  RuleList perGradient(String formula, String... names) {
    long flops = Arithmetic.flops(formula);
    return all(
        op -> Extent.product(flops, Extent.lastInput(op).length()),
        formula + ", per element of the incoming gradient",
        names);
  }

  /** One formula per element of the first input, and one per element of the first output. */
  RuleList reducing(String perInput, String perOutput, String... names) {
    long inputFlops = Arithmetic.flops(perInput);
    long outputFlops = Arithmetic.flops(perOutput);
    return all(
        op ->
            Extent.sum(
                Extent.product(inputFlops, Extent.input(op, 0)),
                Extent.product(outputFlops, Extent.output(op))),
        perInput + ", per input element; then " + perOutput + ", per result",
        names);
  }

  /**
   * The gradient of a reduction, whose inputs are the operand and the incoming gradient: one
   * formula per element of either.
   */
  RuleList reductionGradient(String perInput, String perGradient, String... names) {
    long inputFlops = Arithmetic.flops(perInput);
    long gradientFlops = Arithmetic.flops(perGradient);
    return all(
        op ->
            Extent.sum(
                Extent.product(inputFlops, Extent.input(op, 0)),
                Extent.product(gradientFlops, Extent.input(op, 1))),
        perInput + ", per input element; " + perGradient + ", per element of the incoming gradient",
        names);
  }

  /** No arithmetic; every input is read and every output written. */
  RuleList moves(String why, String... names) {
    return all(op -> 0, why, names);
  }

  /** No arithmetic, and part of the tensors is not touched. */
  RuleList moves(Traffic touched, String why, String... names) {
    for (String name : names) {
      add(name, op -> 0, touched, why);
    }
    return this;
  }

  RuleList all(FlopFormula formula, String source, String... names) {
    for (String name : names) {
      add(name, formula, traffic, source);
    }
    return this;
  }

  RuleList add(String name, FlopFormula formula, Traffic touched, String source) {
    rules.add(new OpRule(family, name, opClass, formula, touched, source));
    return this;
  }
}
