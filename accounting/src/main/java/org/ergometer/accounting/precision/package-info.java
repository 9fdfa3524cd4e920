/**
 * What mixed precision saved, against a stated baseline. Nothing here decides a type or measures a
 * time.
 */
@NullMarked
package org.ergometer.accounting.precision;

import org.jspecify.annotations.NullMarked;
