/** Programs to read, run and copy from. Nothing here is imported by the product. */
@NullMarked
package org.ergometer.examples;

import org.jspecify.annotations.NullMarked;
