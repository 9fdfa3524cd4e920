package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import org.ergometer.accounting.flops.FlopRegistry;
import org.ergometer.accounting.ledger.Ledger;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.blas.impl.BaseLevel1;
import org.nd4j.linalg.cpu.nativecpu.CpuNDArrayFactory;
import org.nd4j.linalg.cpu.nativecpu.blas.CpuLevel1;
import org.nd4j.linalg.factory.BaseNDArrayFactory;

class CountedBlasTest {

  /** Of which there can be no subclass that counts. */
  private static final class FinalLevel1 extends CpuLevel1 {}

  @Test
  void routinesThatCannotBeSeenAreAnErrorOfEachAccounting() throws Exception {
    CpuNDArrayFactory factory = new CpuNDArrayFactory();
    Field level = BaseNDArrayFactory.class.getDeclaredField("level1");
    level.setAccessible(true);
    level.set(factory, new FinalLevel1());
    Recorder recorder = new Recorder();
    Ledger open = new Ledger();
    recorder.attach(new Recorder.Sink(open, new RuleTable(FlopRegistry.standard(), "")));

    CountedBlas.replace(factory, "level1", BaseLevel1.class, recorder);

    assertThat(open.snapshot().accountingErrors()).isEqualTo(1);
    Ledger later = new Ledger();
    recorder.tellMissing(later);
    assertThat(later.snapshot().accountingErrors()).isEqualTo(1);
    assertThat(level.get(factory)).isInstanceOf(FinalLevel1.class);
  }
}
