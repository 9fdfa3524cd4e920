package org.ergometer.accounting.flops;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;

/** The table of conventions and every rule as Markdown: {@code docs/flop-conventions.md}. */
public final class ConventionsDocument {

  private ConventionsDocument() {}

  /** The text of the document, lines ended by {@code \n}. */
  public static String of(FlopRegistry registry) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # What counts as a FLOP

        This page is generated from the code that counts: a test fails where it is out of date.

        ## Elementary operations

        A multiply and an add are two operations. The count does not depend on the element type: integer work counts
        alike, and is booked under its own type. Both branches of a choice count. What is computed once a call from
        scalar arguments alone does not count.

        | operation | FLOPs | written in formulas |
        | --- | --- | --- |
        """);
    for (Operation operation : Operation.values()) {
      text.append(
          "| %s | %s | %s |\n"
              .formatted(
                  operation.meaning(),
                  operation.flops(),
                  operation.symbols().stream()
                      .map(symbol -> "`" + symbol.replace("|", "\\|") + "`")
                      .collect(Collectors.joining(" "))));
    }
    text.append(
        """

        ## Ops

        Every op of ND4J that has a rule, by the class it is booked under. Where the arithmetic is written out, it is
        that of one element, and is itself what is counted. An op without a rule is booked as `unaccounted`: it is
        counted as executed, shown by name, and `--strict-accounting` ends at it.
        """);
    for (OpClass opClass : OpClass.values()) {
      append(text, opClass, rules(registry, opClass));
    }
    appendUnformulated(text);
    return text.toString();
  }

  private static void appendUnformulated(StringBuilder text) {
    text.append(
        """

        ## Without a rule

        Custom ops of ND4J that are booked as `unaccounted`. None of DL4J's layers, losses and updaters executes one: tests
        run all that the release has. `FlopRegistry.with` takes a rule for them, or for an op of your own.

        | op | why |
        | --- | --- |
        """);
    for (UnformulatedOp op : UnformulatedOp.ALL) {
      text.append("| `%s` | %s |\n".formatted(op.name(), op.reason()));
    }
  }

  private static void append(StringBuilder text, OpClass opClass, List<OpRule> rules) {
    if (rules.isEmpty()) {
      return;
    }
    text.append("\n### ").append(opClass.label()).append("\n\n| family | op | counted as |\n");
    text.append("| --- | --- | --- |\n");
    for (OpRule rule : rules) {
      text.append(
          "| %s | `%s` | %s |\n"
              .formatted(
                  rule.family().label(),
                  rule.name(),
                  rule.source().replace("|", "\\|").replace("*", "\\*")));
    }
  }

  private static List<OpRule> rules(FlopRegistry registry, OpClass opClass) {
    return StreamSupport.stream(registry.rules().spliterator(), false)
        .filter(rule -> rule.opClass() == opClass)
        .sorted(
            Comparator.comparing(OpRule::family, Comparator.comparing(OpFamily::label))
                .thenComparing(rule -> rule.name().toLowerCase(Locale.ROOT)))
        .toList();
  }
}
