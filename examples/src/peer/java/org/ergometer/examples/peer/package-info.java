/**
 * The same training by Ergometer and by PyTorch in turn; compiled in the profile {@code peer} only,
 * which alone depends on PyTorch. Nothing that Ergometer needs is in it.
 */
@NullMarked
package org.ergometer.examples.peer;

import org.jspecify.annotations.NullMarked;
