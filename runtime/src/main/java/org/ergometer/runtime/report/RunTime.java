package org.ergometer.runtime.report;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a run was worked on.
 *
 * @param started when its first process began; null where that is unknown
 * @param ended when its last process ended; null while it goes on
 * @param seconds of work by all of its processes, without the rests that a sensor is metered for
 */
public record RunTime(@Nullable Instant started, @Nullable Instant ended, double seconds) {}
