package org.ergometer.runtime.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
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
import java.util.zip.GZIPInputStream;
import org.ergometer.models.data.Corpus;
import org.ergometer.runtime.checkpoint.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * A text that can be read from its start as often as it is wanted: a file, or the corpus that comes
 * along. A file may be gzip, whatever its name; one named {@code .jsonl} or {@code .ndjson} holds a
 * JSON object a line.
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

  /** Whether each line is a JSON object. */
  boolean jsonLines() {
    String lower = name.toLowerCase(Locale.ROOT);
    String plain =
        lower.endsWith(GZIP_ENDING)
            ? lower.substring(0, lower.length() - GZIP_ENDING.length())
            : lower;
    return file != null && (plain.endsWith(".jsonl") || plain.endsWith(".ndjson"));
  }

  /** Its bytes, decompressed. */
  InputStream open() throws IOException {
    BufferedInputStream raw = new BufferedInputStream(openRaw());
    raw.mark(2);
    int magic = raw.read() << Byte.SIZE | raw.read();
    raw.reset();
    return magic == GZIP_MAGIC ? new GZIPInputStream(raw, 1 << 16) : raw;
  }

  private InputStream openRaw() throws IOException {
    return file == null ? new ByteArrayInputStream(contents) : Files.newInputStream(file);
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

  /** Says that it cannot be read, and what to do. */
  IllegalArgumentException unreadable(IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return new IllegalArgumentException(
          "data file %s does not exist; check the path given to --data".formatted(name), cause);
    }
    String message = cause.getMessage();
    boolean plain = message == null || message.equals(name);
    return new IllegalArgumentException(
        "data file %s cannot be read (%s); check the file and its permissions"
            .formatted(
                name, plain ? cause.getClass().getSimpleName().replace("Exception", "") : message),
        cause);
  }
}
