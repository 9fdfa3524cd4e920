/**
 * The training loop: steps, evaluation, and who is told about them. Nothing here prints, writes
 * files or knows a command line.
 */
@NullMarked
package org.ergometer.runtime.training;

import org.jspecify.annotations.NullMarked;
