package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.ergometer.accounting.op.OpFamily;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proof over training steps of networks of DL4J's own layers. */
class NativeCallProofTest {

  @Test
  void everyNativeCallOnDataIsCountedOnce(@TempDir Path directory) {
    Map<OpFamily, Long> onData =
        NativeCallProof.requireEachCallCountedOnce(LoggedTraining.class, directory);

    // what the steps did, so that this cannot hold because nothing happened
    assertThat(onData)
        .containsKeys(
            OpFamily.CUSTOM,
            OpFamily.PAIRWISE,
            OpFamily.SCALAR,
            OpFamily.TRANSFORM,
            OpFamily.REDUCE,
            OpFamily.BROADCAST,
            OpFamily.BLAS,
            OpFamily.MEMORY);
  }
}
