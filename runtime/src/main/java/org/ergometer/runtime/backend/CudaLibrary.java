package org.ergometer.runtime.backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * ND4J's CUDA build as it lies on the class path.
 *
 * @param artifact its name without version, such as {@code nd4j-cuda-11.6}
 * @param code the GPUs it was compiled for
 * @param missing libraries of CUDA and its driver that it needs and that are nowhere
 */
public record CudaLibrary(String artifact, MachineCode code, List<String> missing) {

  /** Comes with the driver, and only with it. */
  public static final String DRIVER = "libcuda.so.1";

  /** All of CUDA's own are called so, and that of the driver. */
  private static final String CUDA_PREFIX = "libcu";

  private static final Pattern VERSION = Pattern.compile("nd4j-cuda-([0-9]+)\\.[0-9]+");
  private static final Pattern JAR = Pattern.compile("(nd4j-cuda-[0-9.]+[0-9])-[^/!]*\\.jar");

  public CudaLibrary {
    missing = List.copyOf(missing);
  }

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
      List<String> missing = missing(library, platform);
      return new CudaLibrary(artifact(url), MachineCodeReader.read(library), missing);
    } catch (IOException e) {
      throw new UncheckedIOException("ND4J's CUDA library: " + e.getMessage(), e);
    }
  }

  /** ND4J needs cuBLAS and the like; JavaCPP's part, which it asks for GPUs, the run time too. */
  private static List<String> missing(Path library, String platform) throws IOException {
    String directory = "org/bytedeco/cuda/" + platform + "/";
    List<LibraryNeeds> needs = new ArrayList<>(List.of(LibraryNeeds.read(library)));
    URL runtime = CudaLibrary.class.getClassLoader().getResource(directory + "libjnicudart.so");
    if (runtime != null) {
      needs.add(LibraryNeeds.read(Loader.cacheResource(runtime).toPath()));
    }
    String searchPath = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
    List<String> missing = new ArrayList<>();
    for (LibraryNeeds need : needs) {
      for (String name : need.names()) {
        boolean fetched = CudaLibrary.class.getClassLoader().getResource(directory + name) != null;
        if (name.startsWith(CUDA_PREFIX) && !fetched && !need.found(name, searchPath)) {
          missing.add(name);
        }
      }
    }
    return missing;
  }

  /** Generation of CUDA that it was compiled with; 0 where its name does not tell. */
  int cudaMajor() {
    Matcher version = VERSION.matcher(artifact);
    return version.find() ? Integer.parseInt(version.group(1)) : 0;
  }

  static String artifact(URL url) {
    Matcher jar = JAR.matcher(url.toString());
    return jar.find() ? jar.group(1) : "ND4J's CUDA build";
  }
}
