/** Files that are whole or not there. Nothing here knows what is in a file, or of runs. */
@NullMarked
package org.ergometer.runtime.storage;

import org.jspecify.annotations.NullMarked;
