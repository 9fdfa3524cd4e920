/**
 * How much of a device's peak is used: peaks by device and data type, model and hardware FLOPs
 * utilization, the roofline. Nothing here knows a model's shape, a clock or a run.
 */
@NullMarked
package org.ergometer.accounting.utilization;

import org.jspecify.annotations.NullMarked;
