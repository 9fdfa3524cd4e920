package org.ergometer.runtime.weights;

import static org.ergometer.models.transformer.TransformerParameters.DOWN;
import static org.ergometer.models.transformer.TransformerParameters.GATE;
import static org.ergometer.models.transformer.TransformerParameters.HEAD_WEIGHT;
import static org.ergometer.models.transformer.TransformerParameters.NORM;
import static org.ergometer.models.transformer.TransformerParameters.PROJECTION;
import static org.ergometer.models.transformer.TransformerParameters.QKV;
import static org.ergometer.models.transformer.TransformerParameters.TOKEN;
import static org.ergometer.models.transformer.TransformerParameters.UP;
import static org.ergometer.models.transformer.TransformerParameters.bias;
import static org.ergometer.models.transformer.TransformerParameters.gain;
import static org.ergometer.models.transformer.TransformerParameters.weight;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ergometer.accounting.predict.Activation;
import org.ergometer.accounting.predict.LayerNames;
import org.ergometer.accounting.predict.Norm;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.TransformerShape;

/**
 * Llama (Touvron et al. 2023) as {@code LlamaForCausalLM}: matrices are [outputs, inputs]; queries,
 * keys and values apart. Rotary positions turn channels i and i + K/2 together, as they do here, so
 * that no channel changes its place.
 */
record LlamaFamily() implements ModelFamily {

  private static final double USUAL_EPSILON = 1e-6;

  @Override
  public String modelType() {
    return "llama";
  }

  @Override
  public Optional<String> refusal(TransformerShape shape) {
    return Refusals.first(
        List.of(
            Refusals.unless(shape.norm() == Norm.RMSNORM, "norm", "rmsnorm", shape.norm().label()),
            Refusals.unless(
                shape.positions() == Positions.ROPE,
                "positions",
                "rope",
                shape.positions().label()),
            Refusals.unless(
                shape.activation() == Activation.SWIGLU,
                "activation",
                "swiglu",
                shape.activation().label()),
            Refusals.unless(!shape.qkNorm(), "qk-norm", "off", "on")));
  }

  @Override
  public void describe(TransformerShape shape, ObjectNode config) {
    config.putArray("architectures").add("LlamaForCausalLM");
    config
        .put("num_hidden_layers", shape.layers())
        .put("hidden_size", shape.width())
        .put("num_attention_heads", shape.heads())
        .put("num_key_value_heads", shape.keyValueHeads())
        .put("head_dim", shape.headDim())
        .put("intermediate_size", shape.feedForward())
        .put("hidden_act", "silu")
        .put("max_position_embeddings", shape.context())
        .put("vocab_size", shape.vocabulary())
        .put("rms_norm_eps", shape.normEpsilon())
        .put("rope_theta", shape.ropeBase())
        .put("attention_bias", shape.bias())
        .put("mlp_bias", shape.bias())
        .put("attention_dropout", 0.0)
        .put("tie_word_embeddings", shape.tied());
  }

  @Override
  public Set<String> harmless() {
    return Set.of("attention_dropout", "is_llama_config", "max_sequence_length", "pretraining_tp");
  }

  @Override
  public TransformerShape shape(ConfigReader config) {
    config.require("rope_interleaved", false);
    if (config.real("partial_rotary_factor", 1) != 1) {
      throw ConfigReader.wrong("partial_rotary_factor", "1", config.value("partial_rotary_factor"));
    }
    if (!config.text("hidden_act", "silu").matches("silu|swish")) {
      throw ConfigReader.wrong("hidden_act", "silu", config.value("hidden_act"));
    }
    boolean bias = config.flag("attention_bias", false);
    if (config.flag("mlp_bias", false) != bias) {
      throw ConfigReader.wrong("mlp_bias", "that of attention_bias", config.value("mlp_bias"));
    }
    int width = config.whole("hidden_size");
    int heads = config.whole("num_attention_heads");
    int headDim =
        config.has("head_dim") ? config.whole("head_dim") : TransformerShape.headDim(width, heads);
    return TransformerShape.gpt2(
            config.whole("num_hidden_layers"),
            heads * headDim,
            heads,
            config.whole("vocab_size"),
            config.whole("max_position_embeddings"))
        .toBuilder()
        .width(width)
        .keyValueHeads(config.whole("num_key_value_heads", heads))
        .feedForward(config.whole("intermediate_size"))
        .activation(Activation.SWIGLU)
        .norm(Norm.RMSNORM)
        .positions(Positions.ROPE)
        .ropeBase(ropeBase(config))
        .normEpsilon(config.real("rms_norm_eps", USUAL_EPSILON))
        .tied(config.flag("tie_word_embeddings", false))
        .bias(bias)
        .build();
  }

  /** θ stands beside the sizes, or in an object with the kind of positions. */
  private static double ropeBase(ConfigReader config) {
    for (String key : List.of("rope_scaling", "rope_parameters")) {
      requireUnscaled(key, config.value(key));
    }
    double beside = config.real("rope_theta", TransformerShape.ROPE_BASE);
    JsonNode inside = config.value("rope_parameters").path("rope_theta");
    return ConfigReader.real(inside, "rope_theta", beside);
  }

  private static void requireUnscaled(String key, JsonNode value) {
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      boolean usual =
          switch (entry.getKey()) {
            case "rope_theta" -> true;
            case "rope_type", "type" -> entry.getValue().asText().equals("default");
            case "partial_rotary_factor" -> entry.getValue().asDouble() == 1;
            default -> false;
          };
      if (!usual) {
        throw ConfigReader.wrong(key, "of type default", value);
      }
    }
  }

  @Override
  public List<TensorPlace> places(TransformerShape shape) {
    long width = shape.width();
    long hidden = shape.feedForward();
    List<TensorPlace> places = new ArrayList<>();
    places.add(
        TensorPlace.whole(
            "model.embed_tokens.weight", LayerNames.EMBEDDING, TOKEN, shape.vocabulary(), width));
    for (int block = 0; block < shape.layers(); block++) {
      String name = "model.layers." + block;
      String network = LayerNames.feedForward(block);
      addAttention(places, shape, name, LayerNames.attention(block));
      addNorm(places, shape, name + ".post_attention_layernorm", network);
      addLinear(places, shape, name + ".mlp.gate_proj", network, GATE, 0, hidden, width);
      addLinear(places, shape, name + ".mlp.up_proj", network, UP, 0, hidden, width);
      addLinear(places, shape, name + ".mlp.down_proj", network, DOWN, 0, width, hidden);
    }
    addNorm(places, shape, "model.norm", LayerNames.FINAL_NORM);
    if (!shape.tied()) {
      places.add(
          TensorPlace.whole(
              "lm_head.weight", LayerNames.HEAD, HEAD_WEIGHT, shape.vocabulary(), width));
    }
    return places;
  }

  private static void addAttention(
      List<TensorPlace> places, TransformerShape shape, String name, String layer) {
    long width = shape.width();
    long queries = shape.attentionWidth();
    long keys = (long) shape.keyValueHeads() * shape.headDim();
    String attention = name + ".self_attn";
    addNorm(places, shape, name + ".input_layernorm", layer);
    addLinear(places, shape, attention + ".q_proj", layer, QKV, 0, queries, width);
    addLinear(places, shape, attention + ".k_proj", layer, QKV, queries, keys, width);
    addLinear(places, shape, attention + ".v_proj", layer, QKV, queries + keys, keys, width);
    addLinear(places, shape, attention + ".o_proj", layer, PROJECTION, 0, width, queries);
  }

  private static void addNorm(
      List<TensorPlace> places, TransformerShape shape, String name, String layer) {
    places.add(TensorPlace.whole(name + ".weight", layer, gain(NORM), shape.width()));
  }

  private static void addLinear(
      List<TensorPlace> places,
      TransformerShape shape,
      String name,
      String layer,
      String linear,
      long first,
      long outputs,
      long inputs) {
    places.add(
        TensorPlace.columns(name + ".weight", layer, weight(linear), first, outputs, inputs));
    if (shape.bias()) {
      places.add(TensorPlace.elements(name + ".bias", layer, bias(linear), first, outputs));
    }
  }

  @Override
  public String prefix() {
    return "model.";
  }

  /** Frequencies of the rotation, which older files carry. */
  @Override
  public boolean isDerived(String name) {
    return name.endsWith(".rotary_emb.inv_freq");
  }
}
