/**
 * What one op costs: formulas from shapes to FLOPs and bytes, and the registry that finds them by
 * name. Nothing here adds anything up or knows where in training an op ran.
 */
@NullMarked
package org.ergometer.accounting.flops;

import org.jspecify.annotations.NullMarked;
