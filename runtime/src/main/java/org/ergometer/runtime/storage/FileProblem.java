package org.ergometer.runtime.storage;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipException;

/** Why a file could not be read or written, in plain words. */
public final class FileProblem {

  private static final Map<Class<? extends IOException>, String> WORDS =
      Map.of(
          NoSuchFileException.class, "it does not exist",
          AccessDeniedException.class, "no permission",
          FileAlreadyExistsException.class, "it is there already",
          NotDirectoryException.class, "it is no directory",
          DirectoryNotEmptyException.class, "the directory is not empty",
          EOFException.class, "it ends too early",
          ZipException.class, "its compression is damaged");

  /** What Java's older streams say after the path: the system's words. */
  private static final Pattern AFTER_PATH = Pattern.compile(".* \\((.*)\\)");

  private static final String TOO_MANY = "Too many open files";

  private FileProblem() {}

  /** The reason without the path. */
  public static String of(IOException cause) {
    String reason = reason(cause);
    return reason.contains(TOO_MANY)
        ? "too many files are open; allow more in this shell: ulimit -n 4096"
        : reason;
  }

  /** The path where it is known, and the reason. */
  public static String withFile(IOException cause) {
    return cause instanceof FileSystemException system && system.getFile() != null
        ? "%s: %s".formatted(system.getFile(), of(cause))
        : of(cause);
  }

  private static String reason(IOException cause) {
    if (cause instanceof CharacterCodingException) {
      return "it is no UTF-8";
    }
    String words = WORDS.get(cause.getClass());
    if (words != null) {
      return words;
    }
    if (cause instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    String message = cause.getMessage();
    if (cause instanceof FileNotFoundException && message != null) {
      Matcher system = AFTER_PATH.matcher(message);
      return system.matches() ? system.group(1) : message;
    }
    return cause.getClass() == IOException.class && message != null
        ? message
        : cause.getClass().getSimpleName().replace("Exception", "");
  }
}
