package org.ergometer.runtime.peak;

import java.time.LocalDate;
import org.ergometer.accounting.utilization.Peak;
import org.jspecify.annotations.Nullable;

/**
 * The best measurement of a peak, and when it was made.
 *
 * @param measured day in UTC; null where the file of an earlier version does not say it
 */
public record DatedPeak(Peak peak, @Nullable LocalDate measured) {}
