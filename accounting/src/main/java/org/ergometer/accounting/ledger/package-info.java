/**
 * Where costs are added up: the ledger that the hot path writes to, and its immutable snapshot.
 * Nothing here knows ND4J, a metric's name or what was predicted.
 */
@NullMarked
package org.ergometer.accounting.ledger;

import org.jspecify.annotations.NullMarked;
