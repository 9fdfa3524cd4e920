package org.ergometer.models.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * The text to train on where none is given, with the name of its source.
 *
 * @param name what to call it in reports, such as {@code dickens.txt}
 * @param text its characters, without a byte order mark
 */
public record Corpus(String name, String text) {

  /** Class path resource of the default corpus: a public-domain novel by Dickens, plain ASCII. */
  static final String STANDARD_RESOURCE = "/dickens.txt";

  static final int STANDARD_BYTES = 1_214_979;
  static final String STANDARD_SHA256_PREFIX = "70b924ea4d22";

  /** The byte order mark that the resource begins with. */
  private static final int MARK_LENGTH = 1;

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
        throw new InvalidInputException(
            "no default corpus %s on the class path; add org.apache.crunch:crunch-test or give --data"
                .formatted(resource));
      }
      bytes = stream.readAllBytes();
    } catch (IOException e) {
      throw new InvalidInputException(
          "the default corpus %s cannot be read (%s); give a text with --data"
              .formatted(resource, e.getMessage()),
          e);
    }
    String digest = sha256(bytes);
    if (bytes.length != STANDARD_BYTES || !digest.startsWith(STANDARD_SHA256_PREFIX)) {
      throw new InvalidInputException(
          "%s on the class path is another text: expected %s bytes with sha256 %s…, got %s with %s…;"
                  .formatted(
                      resource,
                      STANDARD_BYTES,
                      STANDARD_SHA256_PREFIX,
                      bytes.length,
                      digest.substring(0, STANDARD_SHA256_PREFIX.length()))
              + " give a text with --data");
    }
    return new Corpus(resource.substring(1), new String(bytes, UTF_8).substring(MARK_LENGTH));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
