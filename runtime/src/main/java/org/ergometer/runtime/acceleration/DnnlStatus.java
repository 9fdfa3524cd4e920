package org.ergometer.runtime.acceleration;

/** Answers of the library's functions. */
final class DnnlStatus {

  static final int SUCCESS = 0;

  private DnnlStatus() {}

  static boolean ok(int status) {
    return status == SUCCESS;
  }

  static void require(int status, String what) {
    if (!ok(status)) {
      throw new IllegalStateException("oneDNN cannot " + what + ": status " + status);
    }
  }
}
