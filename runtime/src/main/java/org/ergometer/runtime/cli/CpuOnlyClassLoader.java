package org.ergometer.runtime.cli;

import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.factory.Nd4jBackend;

/**
 * The class path as ND4J would see it without its CUDA build. ND4J takes CUDA wherever it finds a
 * GPU, also one that it holds no code for.
 */
final class CpuOnlyClassLoader extends ClassLoader {

  private static final String SERVICE = "META-INF/services/" + Nd4jBackend.class.getName();
  private static final String CUDA_CONFIGURATION = "nd4j-jcublas.properties";
  private static final String CUDA = "cuda";

  CpuOnlyClassLoader(ClassLoader parent) {
    super(parent);
  }

  /**
   * Has ND4J look for its backend through one, where CUDA is on the class path; without effect once
   * ND4J runs.
   */
  static void install() {
    ClassLoader all = CpuOnlyClassLoader.class.getClassLoader();
    if (all.getResource(CUDA_CONFIGURATION) != null) {
      ND4JClassLoading.setNd4jClassloader(new CpuOnlyClassLoader(all));
    }
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    Enumeration<URL> all = super.getResources(name);
    if (!name.equals(SERVICE)) {
      return all;
    }
    List<URL> others = Collections.list(all);
    others.removeIf(CpuOnlyClassLoader::isOfCuda);
    return Collections.enumeration(others);
  }

  /** By the jar's name: directories above it may be called anything. */
  private static boolean isOfCuda(URL url) {
    String place = url.toString().replace("!/" + SERVICE, "");
    return place.substring(place.lastIndexOf('/') + 1).contains(CUDA);
  }
}
