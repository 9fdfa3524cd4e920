/**
 * Models and vocabularies as Hugging Face's files: {@code config.json}, {@code model.safetensors}
 * and those of the tokenizer, in the naming of GPT-2 and Llama. Nothing here trains, and nothing
 * reads or writes a run's own formats.
 */
@NullMarked
package org.ergometer.runtime.weights;

import org.jspecify.annotations.NullMarked;
