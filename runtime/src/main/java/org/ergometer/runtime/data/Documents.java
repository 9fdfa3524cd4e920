package org.ergometer.runtime.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Reads texts as documents: a plain file is one, of a JSONL file each line is. No file is held in
 * memory; a line is.
 *
 * <p>The parts of a document are cut where every tokenizer begins a new piece, before white space:
 * tokens of the parts are those of the whole. Only a text that is without white space for half a
 * million characters is cut elsewhere.
 */
public final class Documents {

  /** Characters of a part, at most. */
  private static final int PART = 1 << 20;

  private static final int LINE_BUFFER = 1 << 16;
  private static final int LONGEST_LINE = 1 << 27;
  private static final String USUAL_FIELD = "text";
  private static final char REPLACEMENT = '\uFFFD';
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(LONGEST_LINE).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .build();

  private final TextSources sources;
  private final String field;
  private final boolean fieldGiven;

  /**
   * Documents of some texts.
   *
   * @param field of a JSON object that holds the text; null for the usual
   * @throws IllegalArgumentException if one is given and no text is JSON, or a text cannot be read
   */
  public Documents(TextSources sources, @Nullable String field) {
    this.sources = sources;
    this.field = field == null ? USUAL_FIELD : field;
    this.fieldGiven = field != null;
    if (fieldGiven && sources.all().stream().noneMatch(this::isJsonLines)) {
      throw new InvalidInputException(
          "data-field %s is for JSON objects, and none is in %s; leave --data-field out"
              .formatted(field, sources.name()));
    }
  }

  private boolean isJsonLines(TextSource source) {
    return source.jsonLines(fieldGiven);
  }

  /** What takes the documents, part by part. An empty document does not come. */
  public interface Reader {

    void text(String part) throws IOException;

    /** The document has ended; there was at least one part. */
    void end() throws IOException;
  }

  TextSources sources() {
    return sources;
  }

  /** How the parts of a source are made into documents, as it goes into the name of a cache. */
  String form(TextSource source) {
    return isJsonLines(source) ? "jsonl " + field : "text";
  }

  /**
   * Reads all documents in order.
   *
   * @throws IllegalArgumentException if a text cannot be read or is not what it should be, or there
   *     is none
   * @throws IOException if the reader throws it
   */
  public void read(Reader reader) throws IOException {
    boolean any = false;
    for (TextSource source : sources.all()) {
      any |= isJsonLines(source) ? readLines(source, reader) : readText(source, reader);
    }
    if (!any) {
      throw new InvalidInputException(
          "data file %s is empty; give one that holds text".formatted(sources.name()));
    }
  }

  private static boolean readText(TextSource source, Reader reader) throws IOException {
    char[] buffer = new char[PART];
    int length = 0;
    boolean any = false;
    try (Input input = new Input(source)) {
      for (int count; (count = input.read(buffer, length)) >= 0; ) {
        length += count;
        if (length > buffer.length - 2) {
          int cut = cut(buffer, length);
          reader.text(new String(buffer, 0, cut));
          System.arraycopy(buffer, cut, buffer, 0, length - cut);
          length -= cut;
          any = true;
        }
      }
    }
    if (length > 0) {
      reader.text(new String(buffer, 0, length));
      any = true;
    }
    if (any) {
      reader.end();
    }
    return any;
  }

  /** Before the last white space that follows a sign, if one is in the second half. */
  private static int cut(char[] text, int length) {
    for (int at = length - 1; at > length / 2; at--) {
      if ((text[at] == ' ' || text[at] == '\n') && isSign(text[at - 1])) {
        return at;
      }
    }
    return Character.isHighSurrogate(text[length - 1]) ? length - 1 : length;
  }

  /** No white space by anybody's definition. */
  private static boolean isSign(char character) {
    return !Character.isWhitespace(character)
        && !Character.isSpaceChar(character)
        && !Character.isISOControl(character);
  }

  private boolean readLines(TextSource source, Reader reader) throws IOException {
    boolean any = false;
    char[] buffer = new char[LINE_BUFFER];
    StringBuilder line = new StringBuilder();
    long number = 0;
    try (Input input = new Input(source)) {
      for (int count; (count = input.read(buffer, 0)) >= 0; ) {
        int from = 0;
        for (int at = 0; at < count; at++) {
          if (buffer[at] == '\n') {
            line.append(buffer, from, at - from);
            any |= readLine(source, ++number, line.toString(), reader);
            line.setLength(0);
            from = at + 1;
          }
        }
        line.append(buffer, from, count - from);
        if (line.length() > LONGEST_LINE) {
          throw new InvalidInputException(
              String.format(
                  Locale.ROOT,
                  "%s, line %s: a line must be shorter than %s characters; cut its text in several",
                  source.name(),
                  number + 1,
                  LONGEST_LINE));
        }
      }
    }
    boolean last = readLine(source, number + 1, line.toString(), reader);
    return any || last;
  }

  private boolean readLine(TextSource source, long number, String line, Reader reader)
      throws IOException {
    if (line.isBlank()) {
      return false;
    }
    boolean any = false;
    try (MappingIterator<JsonNode> objects = MAPPER.readerFor(JsonNode.class).readValues(line)) {
      while (objects.hasNextValue()) {
        any |= readObject(source, number, objects.nextValue(), reader);
      }
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "%s, line %s: no JSON object with each name once, at column %s; each line must be one"
              .formatted(
                  source.name(),
                  number,
                  e.getLocation() == null ? 1 : e.getLocation().getColumnNr()),
          e);
    }
    return any;
  }

  private boolean readObject(TextSource source, long number, JsonNode object, Reader reader)
      throws IOException {
    JsonNode text = object.path(field);
    if (!text.isTextual()) {
      throw new InvalidInputException(
          "%s, line %s: \"%s\" must be a text, got %s; %s"
              .formatted(
                  source.name(),
                  number,
                  field,
                  object.isObject() ? fields(object, text) : "a line that is no JSON object",
                  text.isMissingNode() ? "set --data-field" : "take the line out"));
    }
    if (text.textValue().isEmpty()) {
      return false;
    }
    reader.text(wellFormed(text.textValue()));
    reader.end();
    return true;
  }

  /** Half a character, as JSON can write it, becomes U+FFFD: no UTF-8 has it. */
  private static String wellFormed(String text) {
    StringBuilder whole = null;
    for (int at = 0; at < text.length(); at++) {
      char sign = text.charAt(at);
      boolean pair =
          Character.isHighSurrogate(sign)
              && at + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(at + 1));
      if (pair) {
        at++;
      } else if (Character.isSurrogate(sign)) {
        whole = whole == null ? new StringBuilder(text) : whole;
        whole.setCharAt(at, REPLACEMENT);
      }
    }
    return whole == null ? text : whole.toString();
  }

  private static String fields(JsonNode object, JsonNode text) {
    if (!text.isMissingNode()) {
      return text.isNull()
          ? "null"
          : text.isContainerNode() ? "more than one value" : text.asText();
    }
    List<String> names =
        object.properties().stream().map(entry -> entry.getKey()).limit(8).toList();
    return names.isEmpty()
        ? "an object without fields"
        : "an object with the fields " + String.join(", ", names);
  }

  /** Characters of a source, whose failures are the user's to mend. */
  private static final class Input implements AutoCloseable {

    private final TextSource source;
    private final InputStream stream;
    private final Utf8Text text;

    Input(TextSource source) {
      this.source = source;
      try {
        this.stream = source.open();
      } catch (IOException e) {
        throw source.unreadable(e);
      }
      this.text = new Utf8Text(source.name(), stream);
    }

    int read(char[] target, int at) {
      try {
        return text.read(target, at, target.length - at);
      } catch (IOException e) {
        throw source.unreadable(e);
      }
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
