package org.ergometer.accounting.nd4j;

import org.ergometer.accounting.ledger.Ledger;

/** Tries to count where the hook is not in, and prints what it is told. */
final class NotInstalled {

  private NotInstalled() {}

  public static void main(String[] arguments) {
    try {
      Accounting.start(new Ledger()).close();
      System.out.println("told;nothing");
    } catch (IllegalStateException e) {
      System.out.println("told;" + e.getMessage());
    }
    System.exit(0);
  }
}
