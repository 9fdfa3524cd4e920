package org.ergometer.runtime.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Optional;
import java.util.regex.Pattern;
import org.ergometer.accounting.input.InvalidInputException;

/** Formats that are given in place of text, by the bytes that they begin with. */
enum OtherFormat {
  ZSTD("Zstandard", "zstd -dc %s > %s", "\\x28\\xB5\\x2F\\xFD"),
  XZ("xz", "xz -dc %s > %s", "\\xFD7zXZ\\x00"),
  BZIP2("bzip2", "bzip2 -dc %s > %s", "BZh[1-9](1AY&SY|\\x17rE8P\\x90)"),
  LZ4("lz4", "lz4 -dc %s > %s", "\\x04\\x22M\\x18"),
  ZIP("zip", "unzip -p %s > %s", "PK(\\x03\\x04|\\x05\\x06)"),
  SEVEN_ZIP("7z", "7z x -so %s > %s", "7z\\xBC\\xAF\\x27\\x1C"),
  GZIP("gzip twice over", "gzip -dc %s | gzip -dc > %s", "\\x1F\\x8B"),
  TAR("tar", "tar -xOf %s > %s", ".{257}ustar"),
  PDF("PDF", "pdftotext %s %s", "%PDF-"),
  PARQUET(
      "Parquet",
      "python3 -c \"import pandas; pandas.read_parquet(%s).to_json(%s, orient='records', lines=True)\"",
      "PAR1"),
  ARROW(
      "Arrow",
      "python3 -c \"import pandas; pandas.read_feather(%s).to_json(%s, orient='records', lines=True)\"",
      "ARROW1"),
  UTF_32("UTF-32", "iconv -f UTF-32 -t UTF-8 %s > %s", "\\xFF\\xFE\\x00\\x00|\\x00\\x00\\xFE\\xFF"),
  UTF_16("UTF-16", "iconv -f UTF-16 -t UTF-8 %s > %s", "\\xFF\\xFE|\\xFE\\xFF"),
  UTF_16_LE("UTF-16", "iconv -f UTF-16LE -t UTF-8 %s > %s", "(?!)"),
  UTF_16_BE("UTF-16", "iconv -f UTF-16BE -t UTF-8 %s > %s", "(?!)"),
  BINARY("no text", "", "(?!)");

  /** Bytes that are looked at. */
  static final int BEGIN = 512;

  private final String label;
  private final String remedy;
  private final Pattern begin;

  OtherFormat(String label, String remedy, String begin) {
    this.label = label;
    this.remedy = remedy;
    this.begin = Pattern.compile(begin, Pattern.DOTALL);
  }

  /** The format of what begins with some bytes; empty if it may be text. */
  static Optional<OtherFormat> of(byte[] begin) {
    String text = new String(begin, ISO_8859_1);
    for (OtherFormat format : values()) {
      if (format.begin.matcher(text).lookingAt()) {
        return Optional.of(format);
      }
    }
    return ofZeros(begin);
  }

  /** Text has no bytes 0 but few; every other one is where letters take two bytes. */
  private static Optional<OtherFormat> ofZeros(byte... begin) {
    int[] zeros = new int[2];
    for (int index = 0; index < begin.length; index++) {
      zeros[index % 2] += begin[index] == 0 ? 1 : 0;
    }
    int many = begin.length / 8;
    if (zeros[0] + zeros[1] <= many) {
      return Optional.empty();
    }
    if (zeros[0] > many && zeros[1] > many) {
      return Optional.of(BINARY);
    }
    return Optional.of(zeros[0] > zeros[1] ? UTF_16_BE : UTF_16_LE);
  }

  /** Says what a file is, and how it becomes text. */
  IllegalArgumentException refusal(String file) {
    if (this == BINARY) {
      return new InvalidInputException(
          "data file %s is no text: it is full of bytes 0; give one that holds text"
              .formatted(file));
    }
    boolean table = this == PARQUET || this == ARROW;
    String made = file + (table ? ".jsonl" : ".txt");
    return new InvalidInputException(
        "data file %s is %s and not UTF-8 text; convert it: %s"
            .formatted(
                file,
                label,
                table
                    ? remedy.formatted("'" + file + "'", "'" + made + "'")
                    : remedy.formatted(quoted(file), quoted(made))));
  }

  /** As a shell takes it. */
  private static String quoted(String name) {
    return name.matches("[\\w./+-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
  }
}
