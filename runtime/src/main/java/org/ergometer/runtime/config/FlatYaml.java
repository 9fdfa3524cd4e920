package org.ergometer.runtime.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * A YAML file that is one flat mapping of names to texts or lists of texts. Values are the text
 * that stands there: {@code NO} is no switch, {@code 1e3} no number and {@code 2024-01-01} no date.
 * What would be read by half is refused with its line: a name twice, a second document, nested
 * values, anchors, aliases, tags.
 */
final class FlatYaml {

  private static final int MOST_BYTES = 1 << 20;
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final String file;
  private final String example;
  private final YAMLParser parser;

  /**
   * What a name is given.
   *
   * @param line where, from 1
   * @param list whether it is written as a list
   */
  record Value(int line, boolean list, List<String> texts) {}

  private FlatYaml(String file, String example, YAMLParser parser) {
    this.file = file;
    this.example = example;
    this.parser = parser;
  }

  /**
   * The values of a file by name, in its order.
   *
   * @param what the file is, for errors
   * @param option that names it
   * @param example a line as it should be
   * @throws IllegalArgumentException if it cannot be read or is anything else
   */
  static Map<String, Value> read(String what, String option, String example, Path file) {
    return parse(file.toString(), example, text(what, option, file));
  }

  /**
   * The values of a text by name.
   *
   * @param file what to call it in errors
   */
  static Map<String, Value> parse(String file, String example, String text) {
    String plain = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    try (YAMLParser parser = new YAMLFactory().createParser(plain)) {
      return new FlatYaml(file, example, parser).mapping();
    } catch (JsonProcessingException e) {
      long tab = plain.lines().takeWhile(each -> !each.matches(" *\t.*")).count();
      boolean tabs = tab < plain.lines().count();
      int line = e.getLocation() == null ? 1 : Math.max(e.getLocation().getLineNr(), 1);
      throw new InvalidInputException(
          "%s is not YAML at line %s; write lines like \"%s\"%s"
              .formatted(file, tabs ? tab + 1 : line, example, tabs ? ", without tabs" : ""),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("a text is always readable", e);
    }
  }

  private static String text(String what, String option, Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new InvalidInputException(
            "%s %s must be at most 1 MiB; check the path given to %s"
                .formatted(what, file, option));
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      throw new InvalidInputException(
          "%s %s does not exist; check the path given to %s".formatted(what, file, option), e);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(
          "%s %s is not UTF-8 text; save it as UTF-8".formatted(what, file), e);
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s %s cannot be read (%s); check the path given to %s"
              .formatted(what, file, reason(file, e), option),
          e);
    }
  }

  private static String reason(Path file, IOException cause) {
    if (Files.isDirectory(file)) {
      return "it is a directory";
    }
    return cause instanceof AccessDeniedException ? "no permission" : "input error";
  }

  private Map<String, Value> mapping() throws IOException {
    Map<String, Value> values = new LinkedHashMap<>();
    JsonToken first = parser.nextToken();
    if (first == JsonToken.START_OBJECT) {
      requirePlain();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        requirePlain();
        String name = parser.currentName();
        Value value = value(name);
        Value before = values.put(name, value);
        if (before != null) {
          throw wrong(
              value.line,
              "%s is said in line %s already; leave one of the two out"
                  .formatted(name, before.line));
        }
      }
    } else if (first != null && first != JsonToken.VALUE_NULL) {
      throw new InvalidInputException(
          "%s must be a mapping of names to values; write lines like \"%s\""
              .formatted(file, example));
    }
    if (parser.nextToken() != null) {
      throw wrong(line(), "a second document begins here; write all names into one");
    }
    return values;
  }

  private Value value(String name) throws IOException {
    JsonToken token = parser.nextToken();
    int line = line();
    if (token != JsonToken.START_ARRAY) {
      return new Value(line, false, List.of(text(name, token)));
    }
    requirePlain();
    List<String> texts = new ArrayList<>();
    for (JsonToken item = parser.nextToken();
        item != JsonToken.END_ARRAY;
        item = parser.nextToken()) {
      texts.add(text(name, item));
    }
    return new Value(line, true, List.copyOf(texts));
  }

  private String text(String name, @Nullable JsonToken token) throws IOException {
    requirePlain();
    if (token == null || !token.isScalarValue()) {
      throw wrong(
          line(),
          "%s must be a value or a list of values; write it like \"%s\"".formatted(name, example));
    }
    if (token == JsonToken.VALUE_NULL) {
      String written = parser.getText();
      throw wrong(
          line(),
          written.isEmpty()
              ? "%s has no value; write one, or leave the line out".formatted(name)
              : "%s must have a value, got %s; leave the line out, or quote it if that is a text"
                  .formatted(name, written));
    }
    return parser.getText();
  }

  private void requirePlain() throws IOException {
    if (parser.isCurrentAlias() || parser.getObjectId() != null || parser.getTypeId() != null) {
      throw wrong(
          line(), "anchors, aliases and tags are not read; write the value itself, or quote it");
    }
  }

  private int line() {
    return parser.currentTokenLocation().getLineNr();
  }

  private IllegalArgumentException wrong(int line, String reason) {
    return new InvalidInputException("%s, line %s: %s".formatted(file, line, reason));
  }
}
