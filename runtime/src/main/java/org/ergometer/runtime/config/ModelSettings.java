package org.ergometer.runtime.config;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.LatentAttention;
import org.ergometer.accounting.predict.Mixture;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.Preset;
import org.ergometer.accounting.predict.TransformerShape;

/** What a model is, as settings. */
final class ModelSettings {

  private ModelSettings() {}

  /**
   * The preset of a name.
   *
   * @throws IllegalArgumentException if there is none, with the nearest
   */
  static Preset named(String name) {
    return Preset.named(name)
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "preset must be one that is known, got \"%s\"; %s"
                        .formatted(
                            name,
                            NearestName.of(name, Preset.names())
                                    .map("did you mean %s? "::formatted)
                                    .orElse("")
                                + "ergometer predict --published lists them")));
  }

  /** What a preset says; what follows from others as in GPT-2 is left to follow. */
  static Map<Setting, List<String>> of(Preset preset) {
    TransformerShape shape = preset.shape();
    Map<Setting, List<String>> values = new EnumMap<>(Setting.class);
    complete(shape).forEach((setting, value) -> values.put(setting, List.of(value.toString())));
    leave(values, Setting.KV_HEADS, shape.keyValueHeads() == shape.heads());
    leave(values, Setting.HEAD_DIM, shape.attentionWidth() == shape.width());
    leave(values, Setting.FFN, shape.feedForward() == TransformerShape.fourfold(shape.width()));
    leave(values, Setting.QKV_BIAS, shape.qkvBias() == shape.bias());
    leave(values, Setting.NORM_BIAS, shape.normBias() == shape.bias());
    return values;
  }

  private static void leave(Map<Setting, List<String>> values, Setting setting, boolean follows) {
    if (follows) {
      values.remove(setting);
    }
  }

  /** Every setting of a shape; {@link ModelConfig#of} makes it from them. */
  static Map<Setting, Object> complete(TransformerShape shape) {
    Map<Setting, Object> values = new EnumMap<>(Setting.class);
    values.put(Setting.LAYERS, shape.layers());
    values.put(Setting.WIDTH, shape.width());
    values.put(Setting.HEADS, shape.heads());
    values.put(Setting.KV_HEADS, shape.keyValueHeads());
    values.put(Setting.HEAD_DIM, shape.headDim());
    values.put(Setting.FFN, shape.feedForward());
    Mixture mixture = shape.mixture();
    values.put(Setting.EXPERTS, mixture.experts());
    values.put(Setting.ACTIVE_EXPERTS, mixture.active());
    values.put(Setting.SHARED_EXPERTS, mixture.shared());
    values.put(Setting.DENSE_LAYERS, mixture.denseLayers());
    values.put(Setting.DENSE_FFN, mixture.denseFeedForward());
    values.put(Setting.ROUTER_BIAS, mixture.routerBias());
    LatentAttention latent = shape.latent();
    values.put(Setting.KV_LATENT, latent == null ? 0 : latent.keyValueRank());
    if (latent != null) {
      values.put(Setting.QUERY_LATENT, latent.queryRank());
      values.put(Setting.ROTARY_DIM, latent.rotaryDim());
      values.put(Setting.VALUE_DIM, latent.valueDim());
    }
    values.put(Setting.ACTIVATION, shape.activation().label());
    values.put(Setting.NORM, shape.norm().label());
    values.put(Setting.POSITIONS, shape.positions().label());
    values.put(Setting.ROPE_BASE, shape.ropeBase());
    values.put(Setting.NORM_EPSILON, shape.normEpsilon());
    values.put(Setting.QK_NORM, shape.qkNorm());
    values.put(Setting.VOCABULARY, shape.vocabulary());
    values.put(Setting.CONTEXT, shape.context());
    values.put(
        Setting.EXTRA_POSITIONS,
        shape.positions() == Positions.LEARNED ? shape.positionRows() - shape.context() : 0);
    values.put(Setting.TIED, shape.tied());
    values.put(Setting.BIAS, shape.bias());
    values.put(Setting.QKV_BIAS, shape.qkvBias());
    values.put(Setting.NORM_BIAS, shape.normBias());
    values.put(Setting.BLOCK_NORMS, shape.blockNorms());
    values.put(Setting.EMBEDDING_NORM, shape.embeddingNorm());
    values.put(Setting.FINAL_NORM, shape.finalNorm());
    return values;
  }
}
