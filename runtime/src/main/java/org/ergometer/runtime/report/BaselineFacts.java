package org.ergometer.runtime.report;

import org.ergometer.runtime.training.BaselineSteps;
import org.jspecify.annotations.Nullable;

/**
 * What steps in float32 took that were measured beside a run.
 *
 * @param time of them and of the run's own
 * @param joules of one, by a sensor; null where there is none
 * @param runJoules of a step of the run, by the same sensor
 */
public record BaselineFacts(
    BaselineSteps.Measured time, @Nullable Double joules, @Nullable Double runJoules) {}
