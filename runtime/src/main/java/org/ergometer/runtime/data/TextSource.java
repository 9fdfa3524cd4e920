package org.ergometer.runtime.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.models.data.Corpus;
import org.ergometer.runtime.checkpoint.Sha256;
import org.ergometer.runtime.storage.FileProblem;
import org.ergometer.runtime.storage.PrivateFiles;
import org.jspecify.annotations.Nullable;

/**
 * A text that can be read from its start as often as it is wanted: a file, or the corpus that comes
 * along. A file may be gzip, whatever its name; one named {@code .jsonl} or {@code .ndjson}, or one
 * named {@code .json} that begins with a brace, holds a JSON object a line.
 */
public final class TextSource {

  private static final int GZIP_MAGIC = 0x1F8B;
  private static final String GZIP_ENDING = ".gz";

  private final String name;
  private final @Nullable Path file;
  private final byte[] contents;

  private TextSource(String name, @Nullable Path file, byte... contents) {
    this.name = name;
    this.file = file;
    this.contents = contents;
  }

  /**
   * What tells that a file was written to, most likely.
   *
   * @param bytes its size
   * @param modified when it was written last
   */
  record State(long bytes, Instant modified) {

    private static final State FIXED = new State(0, Instant.EPOCH);
  }

  /** The text of a file. */
  static TextSource of(Path file) {
    return new TextSource(file.toString(), file);
  }

  /** The corpus that comes along. */
  static TextSource standard() {
    Corpus corpus = Corpus.standard();
    return new TextSource(corpus.name(), null, corpus.text().getBytes(UTF_8));
  }

  /** What to call it in reports and errors. */
  String name() {
    return name;
  }

  /**
   * Whether each line is a JSON object: by its name, or by its first sign where the name or
   * somebody says that it is JSON.
   *
   * @param fieldGiven whether somebody named the field that holds the text
   */
  boolean jsonLines(boolean fieldGiven) {
    String lower = name.toLowerCase(Locale.ROOT);
    String plain =
        lower.endsWith(GZIP_ENDING)
            ? lower.substring(0, lower.length() - GZIP_ENDING.length())
            : lower;
    if (file == null) {
      return false;
    }
    if (plain.endsWith(".jsonl") || plain.endsWith(".ndjson")) {
      return true;
    }
    char sign = fieldGiven || plain.endsWith(".json") ? firstSign() : ' ';
    if (sign == '[' && plain.endsWith(".json")) {
      throw new InvalidInputException(
          "data file %s is a JSON array, and is read where each line is an object; convert it: jq -c '.[]' FILE > FILE.jsonl"
              .formatted(name));
    }
    return sign == '{';
  }

  private char firstSign() {
    char[] one = new char[2];
    try (InputStream in = open()) {
      Utf8Text text = new Utf8Text(name, in);
      for (int count; (count = text.read(one, 0, 2)) >= 0; ) {
        for (int index = 0; index < count; index++) {
          if (!Character.isWhitespace(one[index])) {
            return one[index];
          }
        }
      }
      return ' ';
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * Its bytes, decompressed.
   *
   * @throws IllegalArgumentException if they begin as those of another format do
   */
  InputStream open() throws IOException {
    BufferedInputStream raw = new BufferedInputStream(openRaw());
    try {
      byte[] begin = begin(raw);
      BufferedInputStream plain = raw;
      if (begin.length > 1
          && (Byte.toUnsignedInt(begin[0]) << Byte.SIZE | Byte.toUnsignedInt(begin[1]))
              == GZIP_MAGIC) {
        plain = new BufferedInputStream(new GZIPInputStream(raw, 1 << 16));
        begin = begin(plain);
      }
      Optional<OtherFormat> other = OtherFormat.of(begin);
      if (other.isPresent()) {
        throw other.get().refusal(name);
      }
      return plain;
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  private static byte[] begin(BufferedInputStream in) throws IOException {
    in.mark(OtherFormat.BEGIN);
    byte[] begin = in.readNBytes(OtherFormat.BEGIN);
    in.reset();
    return begin;
  }

  private InputStream openRaw() throws IOException {
    return file == null ? new ByteArrayInputStream(contents) : Files.newInputStream(file);
  }

  /** Its name without directories. */
  String fileName() {
    return file == null ? name : String.valueOf(file.getFileName());
  }

  /** SHA-256 of its bytes as they are stored, in hexadecimal digits. */
  String digest() {
    MessageDigest digest = Sha256.digest();
    try (InputStream in = new DigestInputStream(openRaw(), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw unreadable(e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** How its file is now. */
  State state() {
    if (file == null) {
      return State.FIXED;
    }
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new State(attributes.size(), attributes.lastModifiedTime().toInstant());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Whether its file is not for everybody to read. */
  boolean isPrivate() {
    try {
      return file != null && PrivateFiles.isPrivate(file);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Says that it cannot be read, and what to do. */
  IllegalArgumentException unreadable(IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return new InvalidInputException(
          "data file %s does not exist; check the path given to --data".formatted(name), cause);
    }
    return new InvalidInputException(
        "data file %s cannot be read (%s); check the file and its permissions"
            .formatted(name, reason(cause)),
        cause);
  }

  private static String reason(IOException cause) {
    if (cause instanceof ZipException || cause instanceof EOFException) {
      return "its gzip is damaged or cut off";
    }
    return FileProblem.of(cause);
  }
}
