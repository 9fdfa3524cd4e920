package org.ergometer.examples.peer;

/** One training of the two; a process has one. */
interface Contestant {

  /** Trains on the next batch and gives the loss before the update, in nats per token. */
  double step() throws Exception;
}
