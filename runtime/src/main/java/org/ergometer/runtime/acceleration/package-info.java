/**
 * Serves ops of ND4J by faster kernels, behind the native seam and beneath what counts them.
 *
 * <p>What an op costs, and what a model computes, must not be in it.
 */
@NullMarked
package org.ergometer.runtime.acceleration;

import org.jspecify.annotations.NullMarked;
