package org.ergometer.runtime.config;

import java.nio.file.Path;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.Activation;
import org.ergometer.accounting.predict.LatentAttention;
import org.ergometer.accounting.predict.Mixture;
import org.ergometer.accounting.predict.Norm;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.Preset;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of the model, and what its training recomputes.
 *
 * @param sizes the shape; its vocabulary stands for any where {@code vocabulary} is null
 * @param vocabulary as it was said; null to follow the tokenizer
 * @param recompute what the backward pass computes once more
 * @param from directory of the model whose parameters it begins with; null to draw them
 */
public record ModelConfig(
    TransformerShape sizes,
    @Nullable Integer vocabulary,
    Recompute recompute,
    @Nullable Path from) {

  private static final int ANY_VOCABULARY = 1;

  /**
   * The model that settings amount to.
   *
   * @throws IllegalArgumentException with value, rule and remedy if it is none
   */
  public static ModelConfig of(Settings settings) {
    int width = settings.integer(Setting.WIDTH);
    int heads = settings.integer(Setting.HEADS);
    int headDim =
        settings.isSet(Setting.HEAD_DIM)
            ? settings.integer(Setting.HEAD_DIM)
            : TransformerShape.headDim(width, heads);
    int context = settings.integer(Setting.CONTEXT);
    Integer vocabulary =
        settings.isSet(Setting.VOCABULARY) ? settings.integer(Setting.VOCABULARY) : null;
    Positions positions = settings.choice(Setting.POSITIONS, Positions.class);
    TransformerShape sizes =
        new TransformerShape(
            settings.integer(Setting.LAYERS),
            width,
            heads,
            settings.integer(Setting.KV_HEADS, heads),
            headDim,
            settings.integer(Setting.FFN, TransformerShape.fourfold(width)),
            settings.choice(Setting.ACTIVATION, Activation.class),
            settings.choice(Setting.NORM, Norm.class),
            positions,
            vocabulary == null ? ANY_VOCABULARY : vocabulary,
            context,
            positionRows(settings, positions, context),
            settings.integer(Setting.BLOCK_NORMS),
            settings.on(Setting.QK_NORM),
            settings.on(Setting.EMBEDDING_NORM),
            settings.on(Setting.FINAL_NORM),
            settings.on(Setting.TIED),
            settings.on(Setting.BIAS),
            settings.on(Setting.QKV_BIAS, Setting.BIAS),
            settings.on(Setting.NORM_BIAS, Setting.BIAS),
            settings.real(Setting.ROPE_BASE),
            settings.real(Setting.NORM_EPSILON),
            mixture(settings),
            latent(settings, headDim));
    return new ModelConfig(
        sizes,
        vocabulary,
        settings.choice(Setting.RECOMPUTE, Recompute.class),
        settings.path(Setting.FROM));
  }

  private static Mixture mixture(Settings settings) {
    int experts = settings.integer(Setting.EXPERTS);
    return new Mixture(
        experts,
        settings.integer(Setting.ACTIVE_EXPERTS),
        settings.integer(Setting.SHARED_EXPERTS),
        settings.integer(Setting.DENSE_LAYERS),
        settings.integer(Setting.DENSE_FFN),
        settings.on(Setting.ROUTER_BIAS) && (experts > 1 || settings.isGiven(Setting.ROUTER_BIAS)));
  }

  /** A preset's other sizes are left alone where its latent attention is taken away. */
  private static @Nullable LatentAttention latent(Settings settings, int headDim) {
    int keyValueRank = settings.integer(Setting.KV_LATENT);
    if (keyValueRank != 0) {
      return new LatentAttention(
          settings.integer(Setting.QUERY_LATENT),
          keyValueRank,
          settings.integer(Setting.ROTARY_DIM, headDim),
          settings.integer(Setting.VALUE_DIM, headDim));
    }
    Preset preset = settings.preset();
    boolean ofPreset = preset != null && preset.shape().latent() != null;
    if (!ofPreset
        && (settings.integer(Setting.QUERY_LATENT) != 0
            || settings.isSet(Setting.ROTARY_DIM)
            || settings.isSet(Setting.VALUE_DIM))) {
      throw new InvalidInputException(
          "query-latent, rotary-dim and value-dim belong to latent attention; set --kv-latent");
    }
    return null;
  }

  /** Where a preset's positions are learned and others are asked for, its rows are left alone. */
  private static int positionRows(Settings settings, Positions positions, int context) {
    int extra = settings.integer(Setting.EXTRA_POSITIONS);
    boolean learned = positions == Positions.LEARNED;
    if (extra < 0 || (extra > 0 && !learned && settings.isGiven(Setting.EXTRA_POSITIONS))) {
      throw new InvalidInputException(
          "extra-positions must be >= 0, and 0 where positions are not learned, got %s with %s positions; set --extra-positions"
              .formatted(extra, positions.label()));
    }
    return learned ? Math.toIntExact(Math.min(Integer.MAX_VALUE, (long) context + extra)) : 0;
  }

  /**
   * The whole shape, once the tokenizer is known.
   *
   * @throws IllegalArgumentException if a vocabulary was said and has no room for its tokens
   */
  public TransformerShape shape(int tokens) {
    if (vocabulary != null && vocabulary < tokens) {
      throw new InvalidInputException(
          "vocabulary must be >= the %s tokens of the tokenizer, got %s; set --vocabulary"
              .formatted(tokens, vocabulary));
    }
    return sizes.toBuilder().vocabulary(vocabulary == null ? tokens : vocabulary).build();
  }
}
