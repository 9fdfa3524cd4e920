package org.ergometer.runtime.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of Ergometer that runs, as its POM says; known from classes and from a jar. */
public final class ErgometerVersion {

  private static final String FILE = "ergometer.properties";

  private ErgometerVersion() {}

  /** Such as {@code 0.1.0}. */
  public static String text() {
    Properties properties = new Properties();
    try (InputStream file = ErgometerVersion.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException(FILE + " is not in the build");
      }
      properties.load(new InputStreamReader(file, UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "");
  }
}
