/**
 * Measures what training takes on this machine: memory bandwidth, products of the model's sizes,
 * and steps with and without counting.
 *
 * <p>The peak of matrix products is in {@code peak}; printing must not be in it.
 */
@NullMarked
package org.ergometer.runtime.benchmark;

import org.jspecify.annotations.NullMarked;
