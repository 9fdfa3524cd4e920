/**
 * What a run leaves on disk, and how it is read again: its directory, the model, the tokenizer.
 * Nothing here trains, and nothing here decides when to save.
 */
@NullMarked
package org.ergometer.runtime.checkpoint;

import org.jspecify.annotations.NullMarked;
