/**
 * What training a transformer costs as far as it follows from the configuration alone: shapes,
 * closed forms and published conventions. Nothing here has been executed, and nothing here knows
 * DL4J.
 */
@NullMarked
package org.ergometer.accounting.predict;

import org.jspecify.annotations.NullMarked;
