package org.ergometer.runtime.backend;

import java.util.List;

/** What the driver says of this machine's GPUs, or why it says nothing. */
public sealed interface Gpus {

  /** The driver answered; the list may be empty. */
  record Listed(List<Gpu> gpus) implements Gpus {
    public Listed {
      gpus = List.copyOf(gpus);
    }
  }

  /** There is no driver, or it does not answer. */
  record Unknown(String reason) implements Gpus {}
}
