/**
 * Measured work minus predicted work: every difference with a name, and what is left without one.
 * Nothing here counts an op or derives a closed form.
 */
@NullMarked
package org.ergometer.accounting.reconcile;

import org.jspecify.annotations.NullMarked;
