/**
 * What was executed, as values: an op's descriptor, its tensors, its class, and where in training
 * it ran. Nothing here knows a cost, a total or ND4J.
 */
@NullMarked
package org.ergometer.accounting.op;

import org.jspecify.annotations.NullMarked;
