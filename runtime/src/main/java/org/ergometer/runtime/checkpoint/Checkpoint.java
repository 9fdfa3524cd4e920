package org.ergometer.runtime.checkpoint;

import org.ergometer.accounting.ledger.WorkRecord;

/**
 * A run at one step: everything that is needed to go on as if it had never stopped.
 *
 * @param executed everything that the run's processes had executed until then, work that was done
 *     twice included; counted as work of the process that saved
 */
public record Checkpoint(TrainingState state, WorkRecord executed, ModelState model) {}
