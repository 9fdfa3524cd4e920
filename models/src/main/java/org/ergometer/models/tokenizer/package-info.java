/**
 * Text to tokens and back. No array of ND4J, no file and no batch belongs here: a tokenizer is a
 * value that follows from its vocabulary alone.
 */
@NullMarked
package org.ergometer.models.tokenizer;

import org.jspecify.annotations.NullMarked;
