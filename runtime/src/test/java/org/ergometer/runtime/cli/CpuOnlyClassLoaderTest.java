package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuOnlyClassLoaderTest {

  private static final String SERVICE = "META-INF/services/org.nd4j.linalg.factory.Nd4jBackend";

  @Test
  void hidesTheBackendOfTheCudaJarAndNothingElse(@TempDir Path directory) throws IOException {
    Path cuda = jar(directory.resolve("nd4j-cuda-11.6-1.0.0-M2.1.jar"));
    Path cpu =
        jar(Files.createDirectories(directory.resolve("cuda/m2")).resolve("nd4j-native.jar"));
    URL[] urls = {cuda.toUri().toURL(), cpu.toUri().toURL()};
    try (URLClassLoader all = new URLClassLoader(urls, null)) {
      CpuOnlyClassLoader loader = new CpuOnlyClassLoader(all);

      assertThat(Collections.list(loader.getResources(SERVICE)))
          .singleElement()
          .satisfies(url -> assertThat(url.toString()).contains("nd4j-native.jar"));
      assertThat(Collections.list(loader.getResources("other"))).hasSize(2);
    }
  }

  private static Path jar(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out)) {
      jar.putNextEntry(new ZipEntry(SERVICE));
      jar.putNextEntry(new ZipEntry("other"));
    }
    return file;
  }
}
