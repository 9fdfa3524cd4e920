package org.ergometer.runtime.weights;

import java.util.Set;

/**
 * Keys of Hugging Face's configurations that change nothing of what a model predicts: notes of the
 * library, figures for training alone, and defaults of its generation. Every other key is read by a
 * family, or told of by its name.
 */
final class ConfigKeys {

  /** Of every model. */
  static final Set<String> HARMLESS =
      Set.of(
          "_attn_implementation",
          "_attn_implementation_autoset",
          "_name_or_path",
          "_num_labels",
          "architectures",
          "attn_implementation",
          "bad_words_ids",
          "begin_suppress_tokens",
          "bos_token_id",
          "chunk_size_feed_forward",
          "cross_attention_hidden_size",
          "decoder_start_token_id",
          "diversity_penalty",
          "do_sample",
          "dtype",
          "early_stopping",
          "encoder_no_repeat_ngram_size",
          "exponential_decay_length_penalty",
          "finetuning_task",
          "forced_bos_token_id",
          "forced_eos_token_id",
          "gradient_checkpointing",
          "id2label",
          "initializer_range",
          "is_decoder",
          "label2id",
          "length_penalty",
          "max_length",
          "min_length",
          "name_or_path",
          "no_repeat_ngram_size",
          "num_beam_groups",
          "num_beams",
          "num_labels",
          "num_return_sequences",
          "output_attentions",
          "output_hidden_states",
          "output_scores",
          "pad_token_id",
          "prefix",
          "problem_type",
          "remove_invalid_values",
          "repetition_penalty",
          "return_dict",
          "return_dict_in_generate",
          "sep_token_id",
          "suppress_tokens",
          "task_specific_params",
          "temperature",
          "tf_legacy_loss",
          "tokenizer_class",
          "top_k",
          "top_p",
          "torch_dtype",
          "torchscript",
          "transformers_version",
          "typical_p",
          "use_bfloat16",
          "use_cache",
          "xla_device");

  /** Of {@code generation_config.json}: notes, and tokens that are not drawn for. */
  static final Set<String> GENERATION_NOTES =
      Set.of(
          "_from_model_config",
          "bos_token_id",
          "cache_implementation",
          "decoder_start_token_id",
          "max_length",
          "max_new_tokens",
          "min_length",
          "output_attentions",
          "output_hidden_states",
          "output_scores",
          "pad_token_id",
          "return_dict_in_generate",
          "transformers_version",
          "trust_remote_code",
          "use_cache");

  private ConfigKeys() {}
}
