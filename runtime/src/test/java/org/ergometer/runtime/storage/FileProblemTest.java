package org.ergometer.runtime.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;

class FileProblemTest {

  @Test
  void saysInPlainWordsWhatJavaNamesByAClass() {
    assertThat(FileProblem.of(new NoSuchFileException("a"))).isEqualTo("it does not exist");
    assertThat(FileProblem.withFile(new AccessDeniedException("a"))).isEqualTo("a: no permission");
    assertThat(FileProblem.of(new MalformedInputException(1))).isEqualTo("it is no UTF-8");
    assertThat(FileProblem.of(new ZipException("invalid LOC header (bad signature)")))
        .isEqualTo("its compression is damaged");
    assertThat(FileProblem.of(new FileNotFoundException("a (b) (Is a directory)")))
        .isEqualTo("Is a directory");
    assertThat(FileProblem.of(new IOException("it is not as it was written")))
        .isEqualTo("it is not as it was written");
  }

  @Test
  void saysHowToAllowMoreFiles() {
    IOException tooMany = new FileSystemException("a", null, "Too many open files");

    assertThat(FileProblem.withFile(tooMany))
        .isEqualTo("a: too many files are open; allow more in this shell: ulimit -n 4096");
  }
}
