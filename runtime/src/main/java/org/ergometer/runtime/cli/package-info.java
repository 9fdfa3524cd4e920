/** The command line: parses, composes the parts of a run and prints. No number is computed here. */
@NullMarked
package org.ergometer.runtime.cli;

import org.jspecify.annotations.NullMarked;
