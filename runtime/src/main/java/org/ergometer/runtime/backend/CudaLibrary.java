package org.ergometer.runtime.backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * ND4J's CUDA build as it lies on the class path.
 *
 * @param artifact its name without version, such as {@code nd4j-cuda-11.6}
 * @param code the GPUs it was compiled for
 */
public record CudaLibrary(String artifact, MachineCode code) {

  private static final Pattern JAR = Pattern.compile("(nd4j-cuda-[0-9.]+[0-9])-[^/!]*\\.jar");

  /**
   * The library that ND4J would load, read but not loaded; null where none is on the class path.
   *
   * <p>JavaCPP unpacks it into its cache, where loading will look for it; the first time takes some
   * seconds.
   *
   * @throws UncheckedIOException if it is there and cannot be read
   */
  public static @Nullable CudaLibrary onClassPath() {
    String platform = Loader.getPlatform();
    String file = platform.startsWith("windows") ? "nd4jcuda.dll" : "libnd4jcuda.so";
    URL url =
        CudaLibrary.class
            .getClassLoader()
            .getResource("org/nd4j/linalg/jcublas/bindings/%s/%s".formatted(platform, file));
    if (url == null) {
      return null;
    }
    try {
      Path library = Loader.cacheResource(url).toPath();
      return new CudaLibrary(artifact(url), MachineCodeReader.read(library));
    } catch (IOException e) {
      throw new UncheckedIOException("ND4J's CUDA library: " + e.getMessage(), e);
    }
  }

  static String artifact(URL url) {
    Matcher jar = JAR.matcher(url.toString());
    return jar.find() ? jar.group(1) : "ND4J's CUDA build";
  }
}
