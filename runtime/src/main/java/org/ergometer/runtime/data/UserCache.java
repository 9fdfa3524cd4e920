package org.ergometer.runtime.data;

import java.nio.file.Path;
import java.util.Map;

/** Where a user's caches are: {@code XDG_CACHE_HOME}, else {@code .cache} in {@code HOME}. */
public final class UserCache {

  private UserCache() {}

  /** The directory that is ours in it; it need not exist. */
  public static Path directory() {
    return of(System.getenv(), System.getProperty("user.home", "."));
  }

  /** A relative path of the variable does not count (XDG Base Directory Specification). */
  static Path of(Map<String, String> environment, String accountsHome) {
    String base = environment.getOrDefault("XDG_CACHE_HOME", "");
    String home = environment.getOrDefault("HOME", "");
    Path caches =
        !base.isBlank() && Path.of(base).isAbsolute()
            ? Path.of(base)
            : Path.of(home.isBlank() ? accountsHome : home, ".cache");
    return caches.resolve("ergometer");
  }
}
