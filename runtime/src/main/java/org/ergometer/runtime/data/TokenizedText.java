package org.ergometer.runtime.data;

import org.ergometer.models.data.TokenSplit;
import org.ergometer.models.tokenizer.Tokenizer;

/**
 * Text as tokens, cut in two.
 *
 * @param digest the same for the same texts, tokenizer and split, and for no others
 * @param documents number of documents
 */
public record TokenizedText(Tokenizer tokenizer, TokenSplit split, String digest, long documents) {}
