package org.ergometer.runtime.training;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Text out of bytes that come in pieces: a character is handed out when its last byte is there.
 * What is no UTF-8 becomes U+FFFD, as if all bytes had come at once.
 */
final class Utf8Pieces {

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] begun = {};

  /** The characters that are whole now. */
  String add(byte[] bytes) {
    ByteBuffer in = ByteBuffer.allocate(begun.length + bytes.length).put(begun).put(bytes).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining());
    decoder.decode(in, out, false);
    begun = new byte[in.remaining()];
    in.get(begun);
    return out.flip().toString();
  }

  /** What is left of a character whose other bytes never came. */
  String end() {
    CharBuffer out = CharBuffer.allocate(begun.length);
    decoder.decode(ByteBuffer.wrap(begun), out, true);
    decoder.flush(out);
    decoder.reset();
    begun = new byte[0];
    return out.flip().toString();
  }
}
