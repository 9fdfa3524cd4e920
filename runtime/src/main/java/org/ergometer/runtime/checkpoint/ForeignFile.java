package org.ergometer.runtime.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * Files that anybody may have written. A pipe or a device in the place of a file would be waited
 * for, or read without end.
 */
public final class ForeignFile {

  private ForeignFile() {}

  /**
   * Refuses what is there and is no file.
   *
   * @throws IllegalArgumentException if it is a directory, a pipe or a device
   */
  public static void requireRegular(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new InvalidInputException(
          "%s must be a file, got a %s; put the file in its place"
              .formatted(file, Files.isDirectory(file) ? "directory" : "pipe or device"));
    }
  }

  /**
   * A whole text.
   *
   * @param mostBytes what is longer is refused unread
   * @throws IllegalArgumentException if it is no file, too long or not UTF-8
   */
  public static String text(Path file, int mostBytes) throws IOException {
    requireRegular(file);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(mostBytes + 1);
      if (bytes.length > mostBytes) {
        throw new InvalidInputException(
            "%s must have at most %s bytes; is it the file that its name says?"
                .formatted(file, mostBytes));
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(
          "%s must be UTF-8 text, got other bytes; fetch or write it again".formatted(file), e);
    }
  }
}
