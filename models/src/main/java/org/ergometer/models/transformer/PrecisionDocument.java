package org.ergometer.models.transformer;

import java.util.Locale;
import java.util.stream.Collectors;
import org.ergometer.models.transformer.Precision.Work;

/** The policies as a table in Markdown: which work is done in which type, and why. */
public final class PrecisionDocument {

  private PrecisionDocument() {}

  /** A row for each kind of work, a column for each policy; lines ended by {@code \n}. */
  public static String table() {
    StringBuilder text = new StringBuilder("| work |");
    StringBuilder rule = new StringBuilder("| --- |");
    for (Precision policy : Precision.all()) {
      text.append(" `").append(policy.label()).append("` |");
      rule.append(" --- |");
    }
    text.append(" why |\n").append(rule).append(" --- |\n");
    for (Work work : Work.values()) {
      String types =
          Precision.all().stream()
              .map(policy -> Precision.label(policy.type(work)))
              .collect(Collectors.joining(" | "));
      text.append(
          "| %s | %s | %s |\n"
              .formatted(
                  work.name().toLowerCase(Locale.ROOT).replace('_', ' '), types, work.reason()));
    }
    return text.toString();
  }
}
