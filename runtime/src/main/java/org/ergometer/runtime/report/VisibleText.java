package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Text in which control characters are seen and do nothing: each is written as Java's and JSON's
 * escape of it, such as {@code \}{@code u001b}. Among them are those that turn the direction of
 * text, since what is read would not be what is there.
 */
public final class VisibleText {

  /** C0 but tab and line ends, DEL, C1, and the marks and separators that Unicode has. */
  private static final Pattern CONTROL =
      Pattern.compile(
          "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F\\x{61C}\\x{200E}\\x{200F}"
              + "\\x{2028}-\\x{202E}\\x{2066}-\\x{2069}]|\\r(?!\\n)");

  private static final Pattern LINE_END = Pattern.compile("[\\n\\r]");

  private VisibleText() {}

  /** A text of lines. */
  public static String of(String text) {
    return escaped(CONTROL, text);
  }

  /** A name or another text that is part of a line, and may not begin another. */
  public static String inLine(String text) {
    return escaped(LINE_END, of(text));
  }

  /** A tree whose texts and names are such. */
  static JsonNode inLine(JsonNode tree) {
    if (tree instanceof ObjectNode object) {
      ObjectNode shown = JsonNodeFactory.instance.objectNode();
      object
          .properties()
          .forEach(each -> shown.set(inLine(each.getKey()), inLine(each.getValue())));
      return shown;
    }
    if (tree instanceof ArrayNode array) {
      ArrayNode shown = JsonNodeFactory.instance.arrayNode(array.size());
      array.forEach(each -> shown.add(inLine(each)));
      return shown;
    }
    return tree.isTextual() ? TextNode.valueOf(inLine(tree.asText())) : tree;
  }

  private static String escaped(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .replaceAll(
            found -> String.format(Locale.ROOT, "\\\\u%04x", (int) found.group().charAt(0)));
  }
}
