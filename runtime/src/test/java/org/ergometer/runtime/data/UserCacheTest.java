package org.ergometer.runtime.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UserCacheTest {

  @Test
  void anAbsoluteCacheHomeComesFirstThenHomeThenTheAccount() {
    assertThat(UserCache.of(Map.of("XDG_CACHE_HOME", "/c", "HOME", "/h"), "/a"))
        .isEqualTo(Path.of("/c/ergometer"));
    assertThat(UserCache.of(Map.of("XDG_CACHE_HOME", "c", "HOME", "/h"), "/a"))
        .isEqualTo(Path.of("/h/.cache/ergometer"));
    assertThat(UserCache.of(Map.of("HOME", ""), "/a")).isEqualTo(Path.of("/a/.cache/ergometer"));
  }
}
