package org.ergometer.accounting.nd4j;

import java.util.EnumMap;
import java.util.Map;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.OpFamily;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains under {@link NativeCallAgent} and prints what native code was called and what was counted
 * meanwhile, for {@link NativeCallProofTest} in another process.
 */
final class LoggedTraining {

  private LoggedTraining() {}

  public static void main(String[] arguments) {
    Runnable work = work();
    work.run(); // libraries, workspaces and updaters come into being
    Ledger ledger = new Ledger();
    Accounting accounting = Accounting.start(ledger);
    NativeCallLog.start();
    work.run();
    Map<String, Long> calls = NativeCallLog.stop();
    accounting.close();
    calls.forEach((call, times) -> System.out.println("call;" + call + ";" + times));
    LedgerSnapshot counted = ledger.snapshot();
    Map<OpFamily, Long> executions = new EnumMap<>(OpFamily.class);
    for (LedgerEntry entry : counted.entries()) {
      executions.merge(entry.family(), entry.executions(), Long::sum);
    }
    executions.forEach((family, times) -> System.out.println("counted;" + family + ";" + times));
    System.out.println("errors;;" + counted.accountingErrors());
    System.exit(0);
  }

  /** Full training steps of three networks, and BLAS, which those do not call by themselves. */
  private static Runnable work() {
    var lstm = Networks.lstm();
    var convolutional = Networks.convolutional();
    var graph = Networks.graph();
    var sequences = Networks.sequences();
    var images = Networks.images();
    var rows = Networks.rows();
    var row = Nd4j.rand(1, 5);
    var column = Nd4j.rand(5, 1);
    return () -> {
      lstm.fit(sequences);
      convolutional.fit(images);
      graph.fit(rows);
      row.mmul(column);
      row.unsafeDuplication();
      Nd4j.pullRows(column, 1, 0, 2);
    };
  }
}
