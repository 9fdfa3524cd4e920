/**
 * What this machine can do at most: a short benchmark of matrix products, and the file that keeps
 * its result. Nothing here knows a model, a run or a table of devices.
 */
@NullMarked
package org.ergometer.runtime.peak;

import org.jspecify.annotations.NullMarked;
