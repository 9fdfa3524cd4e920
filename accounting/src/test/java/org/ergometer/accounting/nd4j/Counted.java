package org.ergometer.accounting.nd4j;

import org.ergometer.accounting.flops.FlopRegistry;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerSnapshot;

/** What was counted while something ran. */
final class Counted {

  private Counted() {}

  static LedgerSnapshot during(Runnable work) {
    return during(FlopRegistry.standard(), work);
  }

  static LedgerSnapshot during(FlopRegistry rules, Runnable work) {
    Ledger ledger = new Ledger();
    Accounting accounting = Accounting.start(ledger, rules);
    try {
      work.run();
    } finally {
      accounting.close();
    }
    return ledger.snapshot();
  }
}
