package org.ergometer.runtime.report;

import java.util.List;
import java.util.Map;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.reconcile.Explanation;
import org.ergometer.accounting.utilization.MixedPeak;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.models.transformer.Precision;
import org.ergometer.runtime.training.TrainingTotals;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a run at one moment.
 *
 * @param time when it was worked on
 * @param recipe what it was made of; null where that is not said
 * @param recompute what the backward pass computed once more
 * @param batch sequences in a training step
 * @param precision in which types the work was done
 * @param ledger what was counted; null if nothing was
 * @param besideTraining what else was done that takes matrix products
 * @param peak what the machine can do at most; null if it is unknown
 * @param bytesPerSecond that its memory can move; null if it is unknown
 * @param mixedPeak what it can do in each type of a mixed precision; null where that is not known
 * @param energy null if none was asked for
 * @param baseline steps in float32 that were measured beside the run; null if none were
 * @param activationBytes most bytes that a step kept for its backward pass, as measured; 0 before
 * @param environment machine and libraries, by name
 */
public record RunFacts(
    String runId,
    RunStatus status,
    RunTime time,
    @Nullable Recipe recipe,
    TransformerShape shape,
    Recompute recompute,
    int batch,
    Precision precision,
    TrainingTotals totals,
    @Nullable LedgerSnapshot ledger,
    List<Explanation> besideTraining,
    @Nullable Peak peak,
    @Nullable Double bytesPerSecond,
    @Nullable MixedPeak mixedPeak,
    @Nullable EnergyFacts energy,
    @Nullable BaselineFacts baseline,
    long activationBytes,
    Map<String, String> environment) {}
