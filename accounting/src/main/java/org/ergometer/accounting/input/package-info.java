/**
 * What people and their files ask for that cannot be. Nothing here knows what is asked, or how it
 * is said.
 */
@NullMarked
package org.ergometer.accounting.input;

import org.jspecify.annotations.NullMarked;
