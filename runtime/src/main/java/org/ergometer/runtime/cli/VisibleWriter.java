package org.ergometer.runtime.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import org.ergometer.runtime.report.VisibleText;

/** Writer of what commands print: whatever is in a file, no control character gets through. */
final class VisibleWriter extends PrintWriter {

  private final PrintWriter raw;

  VisibleWriter(PrintWriter raw) {
    super(new Filter(raw));
    this.raw = raw;
  }

  /** The writer beneath, for control characters that are meant. */
  static PrintWriter raw(PrintWriter writer) {
    return writer instanceof VisibleWriter visible ? visible.raw : writer;
  }

  private static final class Filter extends FilterWriter {

    Filter(Writer out) {
      super(out);
    }

    @Override
    public void write(int character) throws IOException {
      out.write(VisibleText.of(Character.toString((char) character)));
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
      out.write(VisibleText.of(new String(text, offset, length)));
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
      out.write(VisibleText.of(text.substring(offset, offset + length)));
    }
  }
}
