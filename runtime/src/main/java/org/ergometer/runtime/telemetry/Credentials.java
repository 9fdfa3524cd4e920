package org.ergometer.runtime.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.BasicAuthenticator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.storage.FileProblem;

/** The name and password that readers have to know, by HTTP's basic authentication (RFC 7617). */
public final class Credentials extends BasicAuthenticator {

  private final byte[] expected;

  private Credentials(byte[] expected) {
    super("ergometer", UTF_8);
    this.expected = expected;
  }

  /**
   * Those of a file with one line, name and password parted by a colon.
   *
   * @throws IllegalArgumentException if there is no such line
   */
  public static Credentials read(Path file) {
    try {
      String line = Files.readString(file).strip();
      if (line.indexOf(':') < 1 || line.endsWith(":") || line.contains("\n")) {
        throw new InvalidInputException(
            "metrics-auth must name a file with one line USER:PASSWORD, and %s holds none; set --metrics-auth"
                .formatted(file));
      }
      return new Credentials(line.getBytes(UTF_8));
    } catch (IOException e) {
      throw new InvalidInputException(
          "metrics-auth names %s, which cannot be read (%s); set --metrics-auth"
              .formatted(file, FileProblem.of(e)),
          e);
    }
  }

  /** Takes as long for a wrong password as for a right one. */
  @Override
  public boolean checkCredentials(String user, String password) {
    return MessageDigest.isEqual(expected, (user + ":" + password).getBytes(UTF_8));
  }
}
