package org.ergometer.runtime.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.report.Picture;
import org.ergometer.runtime.storage.FileProblem;
import org.ergometer.runtime.storage.OutputFile;

/** Draws a picture into a PNG file, without a screen. */
final class PictureFile {

  private PictureFile() {}

  /** Makes the picture; the first use of the platform's graphics is in here. */
  interface Drawing {
    Picture draw() throws IOException;
  }

  /**
   * Writes the file.
   *
   * @param file that was given to {@code --plot}
   * @throws IllegalArgumentException if its name is that of another kind of file
   */
  static void write(Path file, Drawing drawing) {
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
      throw new InvalidInputException(
          "plot must be a PNG file, got %s; set --plot to a name that ends in .png"
              .formatted(file));
    }
    System.setProperty("java.awt.headless", "true");
    try {
      byte[] png = drawing.draw().png();
      OutputFile.write(file, out -> out.write(png));
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.FAILED,
          "the picture %s cannot be made (%s); check the run and the path given to --plot"
              .formatted(file, FileProblem.of(e)),
          e);
    } catch (InternalError | LinkageError e) {
      throw new CommandException(
          ExitCode.FAILED,
          "this Java runtime cannot draw text; install fontconfig and a font, or leave --plot out",
          e);
    }
  }
}
