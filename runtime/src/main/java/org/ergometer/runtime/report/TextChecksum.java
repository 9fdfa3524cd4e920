package org.ergometer.runtime.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import java.util.zip.CRC32C;

/** A CRC-32C that stands in the text which it is of, where zeros stood when it was computed. */
final class TextChecksum {

  private static final String KIND = "crc32c:";
  private static final int DIGITS = 8;
  private static final String ZEROS = "0".repeat(DIGITS);

  /** Stands for a checksum in a text that has none yet. */
  static final String UNKNOWN = KIND + ZEROS;

  private TextChecksum() {}

  /** The text with its checksum at the last place where one is unknown. */
  static String set(String text) {
    int digits = digits(text);
    return with(text, digits, of(text));
  }

  /** Whether a text is as it was when its checksum was set. */
  static boolean isRight(String text) {
    int digits = digits(text);
    return digits >= KIND.length()
        && digits + DIGITS <= text.length()
        && text.startsWith(of(with(text, digits, ZEROS)), digits);
  }

  private static int digits(String text) {
    return text.lastIndexOf(KIND) + KIND.length();
  }

  private static String with(String text, int at, String digits) {
    return text.substring(0, at) + digits + text.substring(at + DIGITS);
  }

  private static String of(String text) {
    CRC32C checksum = new CRC32C();
    checksum.update(text.getBytes(UTF_8));
    return HexFormat.of().toHexDigits((int) checksum.getValue());
  }
}
