/**
 * Serves a run's metrics over HTTP while it runs. What a metric is called and where it comes from
 * is decided elsewhere.
 */
@NullMarked
package org.ergometer.runtime.telemetry;

import org.jspecify.annotations.NullMarked;
