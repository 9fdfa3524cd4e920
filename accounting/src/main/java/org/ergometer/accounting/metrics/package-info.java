/**
 * What is exported: metric names, units, labels and help texts, and the binder that reads them from
 * a ledger and a training run. Nothing here computes a cost, serves HTTP or knows a registry's
 * format.
 */
@NullMarked
package org.ergometer.accounting.metrics;

import org.jspecify.annotations.NullMarked;
