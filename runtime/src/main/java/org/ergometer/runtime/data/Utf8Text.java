package org.ergometer.runtime.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * Characters of a UTF-8 stream, without a byte order mark. Strict: a byte that is no UTF-8 is an
 * error with its position, never a replacement.
 */
final class Utf8Text {

  private static final int BUFFER_BYTES = 1 << 16;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final String name;
  private final InputStream stream;
  private final CharsetDecoder decoder =
      UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES).flip();
  private long position;
  private boolean begun;
  private boolean ended;

  Utf8Text(String name, InputStream stream) {
    this.name = name;
    this.stream = stream;
  }

  /** Bytes that were decoded so far. */
  long position() {
    return position;
  }

  /**
   * Reads characters, at least one unless the text has ended.
   *
   * @param at index of the first in {@code target}
   * @param limit how many at most, at least 2, since a character may need both
   * @return how many; -1 if the text has ended
   * @throws IllegalArgumentException at a byte that is no UTF-8
   */
  int read(char[] target, int at, int limit) throws IOException {
    CharBuffer out = CharBuffer.wrap(target, at, limit);
    while (true) {
      int before = bytes.position();
      CoderResult result = decoder.decode(bytes, out, ended);
      position += bytes.position() - before;
      if (result.isError()) {
        throw new InvalidInputException(
            "%s is not UTF-8: byte 0x%02X at position %s; convert it, as in iconv -f latin1 -t utf-8"
                .formatted(name, bytes.get(bytes.position()), position));
      }
      int count = out.position() - at;
      if (count > 0 && !begun) {
        begun = true;
        if (target[at] == BYTE_ORDER_MARK) {
          System.arraycopy(target, at + 1, target, at, count - 1);
          out.position(at + count - 1);
          count--;
        }
      }
      if (count > 0) {
        return count;
      }
      if (ended) {
        return -1;
      }
      fill();
    }
  }

  private void fill() throws IOException {
    bytes.compact();
    int count = stream.read(bytes.array(), bytes.position(), bytes.remaining());
    ended = count < 0;
    bytes.position(bytes.position() + Math.max(count, 0));
    bytes.flip();
  }
}
