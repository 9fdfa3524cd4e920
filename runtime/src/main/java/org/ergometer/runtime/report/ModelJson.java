package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ergometer.accounting.predict.LatentAttention;
import org.ergometer.accounting.predict.Mixture;
import org.ergometer.accounting.predict.TransformerShape;

/** A model's sizes as the object {@code model} that several results have. */
final class ModelJson {

  private ModelJson() {}

  static ObjectNode of(TransformerShape shape) {
    ObjectNode model =
        JsonNodeFactory.instance
            .objectNode()
            .put("layers", shape.layers())
            .put("width", shape.width())
            .put("heads", shape.heads())
            .put("kv_heads", shape.keyValueHeads())
            .put("head_dim", shape.headDim())
            .put("ffn", shape.feedForward())
            .put("activation", shape.activation().label())
            .put("norm", shape.norm().label())
            .put("positions", shape.positions().label())
            .put("qk_norm", shape.qkNorm())
            .put("vocabulary", shape.vocabulary())
            .put("context", shape.context())
            .put("tied", shape.tied())
            .put("bias", shape.bias())
            .put("qkv_bias", shape.qkvBias())
            .put("norm_bias", shape.normBias())
            .put("block_norms", shape.blockNorms())
            .put("parameters", shape.parameters())
            .put("non_embedding_parameters", shape.nonEmbeddingParameters());
    Mixture mixture = shape.mixture();
    if (mixture.routes()) {
      model
          .put("experts", mixture.experts())
          .put("active_experts", mixture.active())
          .put("router_bias", mixture.routerBias())
          .put("shared_experts", mixture.shared())
          .put("dense_layers", mixture.denseLayers())
          .put("active_parameters", shape.activeParameters());
    }
    if (mixture.denseLayers() > 0) {
      model.put("dense_ffn", mixture.denseFeedForward());
    }
    LatentAttention latent = shape.latent();
    if (latent != null) {
      model
          .put("kv_latent", latent.keyValueRank())
          .put("query_latent", latent.queryRank())
          .put("rotary_dim", latent.rotaryDim())
          .put("value_dim", latent.valueDim());
    }
    return model;
  }
}
