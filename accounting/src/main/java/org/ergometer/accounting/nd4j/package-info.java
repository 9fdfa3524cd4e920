/**
 * The hook: the one place that knows ND4J's native seam, and counts what passes through it. No
 * formula and no total is kept here.
 */
@NullMarked
package org.ergometer.accounting.nd4j;

import org.jspecify.annotations.NullMarked;
