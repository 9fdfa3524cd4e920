package org.ergometer.runtime.training;

/**
 * Text that a model wrote while it was trained.
 *
 * @param step after which it did
 */
public record TextSample(int step, String text) {}
