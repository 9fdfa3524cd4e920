/**
 * What came of a run, as one JSON object and as text for people. Nothing here trains, counts or
 * prints.
 */
@NullMarked
package org.ergometer.runtime.report;

import org.jspecify.annotations.NullMarked;
