/**
 * Text from files of several forms, its documents, and the cache that keeps their tokens. Nothing
 * here knows a model or a run.
 */
@NullMarked
package org.ergometer.runtime.data;

import org.jspecify.annotations.NullMarked;
