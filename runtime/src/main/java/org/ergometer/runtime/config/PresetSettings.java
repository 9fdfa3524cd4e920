package org.ergometer.runtime.config;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.predict.LatentAttention;
import org.ergometer.accounting.predict.Mixture;
import org.ergometer.accounting.predict.Preset;
import org.ergometer.accounting.predict.TransformerShape;

/** What a preset says, as settings; what follows from others as in GPT-2 is left to follow. */
final class PresetSettings {

  private PresetSettings() {}

  /**
   * The preset of a name.
   *
   * @throws IllegalArgumentException if there is none, with the nearest
   */
  static Preset named(String name) {
    return Preset.named(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "preset must be one that is known, got \"%s\"; %s"
                        .formatted(
                            name,
                            NearestName.of(name, Preset.names())
                                    .map("did you mean %s? "::formatted)
                                    .orElse("")
                                + "ergometer predict --published lists them")));
  }

  static Map<Setting, List<String>> of(Preset preset) {
    return of(preset.shape());
  }

  static Map<Setting, List<String>> of(TransformerShape shape) {
    Map<Setting, List<String>> values = new EnumMap<>(Setting.class);
    put(values, Setting.LAYERS, shape.layers());
    put(values, Setting.WIDTH, shape.width());
    put(values, Setting.HEADS, shape.heads());
    if (shape.keyValueHeads() != shape.heads()) {
      put(values, Setting.KV_HEADS, shape.keyValueHeads());
    }
    if (shape.attentionWidth() != shape.width()) {
      put(values, Setting.HEAD_DIM, shape.headDim());
    }
    if (shape.feedForward() != TransformerShape.fourfold(shape.width())) {
      put(values, Setting.FFN, shape.feedForward());
    }
    Mixture mixture = shape.mixture();
    put(values, Setting.EXPERTS, mixture.experts());
    put(values, Setting.ACTIVE_EXPERTS, mixture.active());
    put(values, Setting.SHARED_EXPERTS, mixture.shared());
    put(values, Setting.DENSE_LAYERS, mixture.denseLayers());
    put(values, Setting.DENSE_FFN, mixture.denseFeedForward());
    LatentAttention latent = shape.latent();
    if (latent != null) {
      put(values, Setting.KV_LATENT, latent.keyValueRank());
      put(values, Setting.QUERY_LATENT, latent.queryRank());
      put(values, Setting.ROTARY_DIM, latent.rotaryDim());
      put(values, Setting.VALUE_DIM, latent.valueDim());
    }
    put(values, Setting.ACTIVATION, shape.activation().label());
    put(values, Setting.NORM, shape.norm().label());
    put(values, Setting.POSITIONS, shape.positions().label());
    put(values, Setting.ROPE_BASE, shape.ropeBase());
    put(values, Setting.NORM_EPSILON, shape.normEpsilon());
    put(values, Setting.QK_NORM, shape.qkNorm());
    put(values, Setting.VOCABULARY, shape.vocabulary());
    put(values, Setting.CONTEXT, shape.context());
    put(values, Setting.TIED, shape.tied());
    put(values, Setting.BIAS, shape.bias());
    if (shape.qkvBias() != shape.bias()) {
      put(values, Setting.QKV_BIAS, shape.qkvBias());
    }
    if (shape.normBias() != shape.bias()) {
      put(values, Setting.NORM_BIAS, shape.normBias());
    }
    put(values, Setting.BLOCK_NORMS, shape.blockNorms());
    return values;
  }

  private static void put(Map<Setting, List<String>> values, Setting setting, Object value) {
    values.put(setting, List.of(value.toString()));
  }
}
