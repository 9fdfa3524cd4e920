/**
 * A decoder as a DL4J graph: configuration, layers, loss and optimization. Nothing here reads text,
 * runs a training loop or counts an op.
 */
@NullMarked
package org.ergometer.models.transformer;

import org.jspecify.annotations.NullMarked;
