package org.ergometer.runtime.data;

import java.nio.file.Path;

/** Where a user's caches are: {@code XDG_CACHE_HOME}, else {@code .cache} at home. */
public final class UserCache {

  private UserCache() {}

  /** The directory that is ours in it; it need not exist. */
  public static Path directory() {
    String base = System.getenv("XDG_CACHE_HOME");
    Path caches =
        base == null || base.isBlank()
            ? Path.of(System.getProperty("user.home", "."), ".cache")
            : Path.of(base);
    return caches.resolve("ergometer");
  }
}
