package org.ergometer.accounting.op;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ScopeTest {

  private final List<Phase> heard = new ArrayList<>();
  private final Consumer<Phase> watcher = heard::add;

  @Test
  void aWatcherHearsEachChangeOnce() {
    Scope.current().watch(watcher);
    try (Scope step = Scope.enter(Phase.FORWARD)) {
      try (Scope layer = Scope.enter(Phase.FORWARD, "block.0.attention")) {
        assertThat(layer.layer()).isEqualTo("block.0.attention");
      }
      Scope.switchTo(Phase.BACKWARD);
      Scope.switchTo(Phase.BACKWARD);
      assertThat(step.phase()).isEqualTo(Phase.BACKWARD);
    }
    Scope.current().unwatch(watcher);
    try (Scope update = Scope.enter(Phase.UPDATE)) {
      assertThat(update.phase()).isEqualTo(Phase.UPDATE);
    }

    assertThat(heard).containsExactly(Phase.FORWARD, Phase.BACKWARD, Phase.OTHER);
  }
}
