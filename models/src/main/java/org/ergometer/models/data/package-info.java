/**
 * Token sequences, in memory or in files, and their batches for training and evaluation. Nothing
 * here knows a model, a training loop or how tokens are made from text.
 */
@NullMarked
package org.ergometer.models.data;

import org.jspecify.annotations.NullMarked;
