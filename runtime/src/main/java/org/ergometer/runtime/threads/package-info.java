/**
 * Threads of native libraries next to other processes: how many there are, and how long they spin.
 * Nothing here knows of models or runs.
 */
@NullMarked
package org.ergometer.runtime.threads;

import org.jspecify.annotations.NullMarked;
