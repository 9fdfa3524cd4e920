package org.ergometer.models.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A text to train on, with the name of its source.
 *
 * @param name what to call it in reports, such as {@code dickens.txt}
 * @param text its characters, without a byte order mark
 */
public record Corpus(String name, String text) {

  /** Class path resource of the default corpus: a public-domain novel by Dickens, plain ASCII. */
  static final String STANDARD_RESOURCE = "/dickens.txt";

  static final int STANDARD_BYTES = 1_214_979;
  static final String STANDARD_SHA256_PREFIX = "70b924ea4d22";

  private static final int BYTE_ORDER_MARK = 0xFEFF;

  /**
   * The default corpus, read from the class path.
   *
   * @throws IllegalArgumentException if the class path holds none, or another text of that name
   */
  public static Corpus standard() {
    return standard(STANDARD_RESOURCE);
  }

  static Corpus standard(String resource) {
    byte[] bytes;
    try (InputStream stream = Corpus.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalArgumentException(
            "no default corpus %s on the class path; add org.apache.crunch:crunch-test or give --data"
                .formatted(resource));
      }
      bytes = stream.readAllBytes();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the default corpus %s cannot be read (%s); give a text with --data"
              .formatted(resource, e.getMessage()),
          e);
    }
    String digest = sha256(bytes);
    if (bytes.length != STANDARD_BYTES || !digest.startsWith(STANDARD_SHA256_PREFIX)) {
      throw new IllegalArgumentException(
          "%s on the class path is another text: expected %d bytes with sha256 %s…, got %d with %s…;"
                  .formatted(
                      resource,
                      STANDARD_BYTES,
                      STANDARD_SHA256_PREFIX,
                      bytes.length,
                      digest.substring(0, STANDARD_SHA256_PREFIX.length()))
              + " give a text with --data");
    }
    return new Corpus(resource.substring(1), decode(resource, bytes));
  }

  /**
   * The contents of UTF-8 files, one after the other.
   *
   * @throws IllegalArgumentException if a file is missing, unreadable, empty or not UTF-8
   */
  public static Corpus read(List<Path> files) {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("data must name at least 1 file, got none; set --data");
    }
    StringBuilder text = new StringBuilder();
    for (Path file : files) {
      text.append(read(file));
    }
    String name = files.stream().map(Path::toString).collect(Collectors.joining(", "));
    return new Corpus(name, text.toString());
  }

  private static String read(Path file) {
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException(
          "data must be text files, got the directory %s; name its files, as in --data %s"
              .formatted(file, file.resolve("*.txt")));
    }
    try {
      byte[] bytes = Files.readAllBytes(file);
      String text = decode(file.toString(), bytes);
      if (text.isEmpty()) {
        throw new IllegalArgumentException(
            "data file %s is empty; give one that holds text".formatted(file));
      }
      return text;
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          "data file %s does not exist; check the path given to --data".formatted(file), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "data file %s cannot be read (%s); check its permissions".formatted(file, e.getMessage()),
          e);
    }
  }

  /** Strict UTF-8: a byte that is none is an error with its position, never a replacement. */
  static String decode(String source, byte[] bytes) {
    CharsetDecoder decoder =
        UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      throw new IllegalArgumentException(
          "%s is not UTF-8: byte 0x%02X at position %d; convert it, as in iconv -f latin1 -t utf-8"
              .formatted(source, bytes[in.position()], in.position()));
    }
    out.flip();
    boolean marked = !out.isEmpty() && out.charAt(0) == BYTE_ORDER_MARK;
    return out.subSequence(marked ? 1 : 0, out.length()).toString();
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
