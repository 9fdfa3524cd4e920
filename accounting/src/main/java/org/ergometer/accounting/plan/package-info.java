/**
 * Scaling laws, and what they say of a compute budget: how large a model, how many tokens, what
 * loss. Nothing here knows a device, a price or a file.
 */
@NullMarked
package org.ergometer.accounting.plan;

import org.jspecify.annotations.NullMarked;
