package org.ergometer.runtime.weights;

import static org.ergometer.models.transformer.TransformerParameters.DOWN;
import static org.ergometer.models.transformer.TransformerParameters.HEAD_WEIGHT;
import static org.ergometer.models.transformer.TransformerParameters.NORM;
import static org.ergometer.models.transformer.TransformerParameters.POSITION;
import static org.ergometer.models.transformer.TransformerParameters.PROJECTION;
import static org.ergometer.models.transformer.TransformerParameters.QKV;
import static org.ergometer.models.transformer.TransformerParameters.TOKEN;
import static org.ergometer.models.transformer.TransformerParameters.UP;
import static org.ergometer.models.transformer.TransformerParameters.bias;
import static org.ergometer.models.transformer.TransformerParameters.gain;
import static org.ergometer.models.transformer.TransformerParameters.weight;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.Activation;
import org.ergometer.accounting.predict.LayerNames;
import org.ergometer.accounting.predict.Norm;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.TransformerShape;

/**
 * GPT-2 (Radford et al. 2019) as {@code GPT2LMHeadModel}: matrices are [inputs, outputs], queries,
 * keys and values one matrix, as they are here. It always has biases; of a model without, they are
 * zero.
 */
record Gpt2Family() implements ModelFamily {

  private static final Map<String, Activation> ACTIVATIONS =
      Map.of(
          "gelu_new", Activation.GELU,
          "gelu_pytorch_tanh", Activation.GELU,
          "gelu_fast", Activation.GELU,
          "gelu", Activation.GELU_ERF,
          "relu", Activation.RELU,
          "silu", Activation.SILU,
          "swish", Activation.SILU);

  @Override
  public String modelType() {
    return "gpt2";
  }

  @Override
  public Optional<String> refusal(TransformerShape shape) {
    return Refusals.first(
        List.of(
            Refusals.unless(
                shape.norm() == Norm.LAYERNORM, "norm", "layernorm", shape.norm().label()),
            Refusals.unless(
                shape.positions() == Positions.LEARNED,
                "positions",
                "learned",
                shape.positions().label()),
            Refusals.unless(
                shape.activation() != Activation.SWIGLU,
                "activation",
                "ungated",
                shape.activation().label()),
            Refusals.unless(
                shape.keyValueHeads() == shape.heads(),
                "kv-heads",
                "the heads",
                shape.keyValueHeads()),
            Refusals.unless(
                shape.attentionWidth() == shape.width(),
                "head-dim",
                "width / heads",
                shape.headDim()),
            Refusals.unless(!shape.qkNorm(), "qk-norm", "off", "on")));
  }

  @Override
  public void describe(TransformerShape shape, ObjectNode config) {
    config.putArray("architectures").add("GPT2LMHeadModel");
    config
        .put("n_layer", shape.layers())
        .put("n_embd", shape.width())
        .put("n_head", shape.heads())
        .put("n_inner", shape.feedForward())
        .put("n_positions", shape.positionRows())
        .put("n_ctx", shape.positionRows())
        .put("vocab_size", shape.vocabulary())
        .put(
            "activation_function",
            switch (shape.activation()) {
              case GELU -> "gelu_new";
              case GELU_ERF -> "gelu";
              case RELU -> "relu";
              case SILU -> "silu";
              case SWIGLU -> throw new InvalidInputException("GPT-2 has no gate");
            })
        .put("layer_norm_epsilon", shape.normEpsilon())
        .put("scale_attn_weights", true)
        .put("scale_attn_by_inverse_layer_idx", false)
        .put("attn_pdrop", 0.0)
        .put("embd_pdrop", 0.0)
        .put("resid_pdrop", 0.0)
        .put("tie_word_embeddings", shape.tied());
  }

  @Override
  public Set<String> harmless() {
    return Set.of(
        "attn_pdrop",
        "embd_pdrop",
        "n_ctx",
        "output_past",
        "predict_special_tokens",
        "reorder_and_upcast_attn",
        "resid_pdrop",
        "summary_activation",
        "summary_first_dropout",
        "summary_proj_to_labels",
        "summary_type",
        "summary_use_proj");
  }

  @Override
  public TransformerShape shape(ConfigReader config) {
    config.require("scale_attn_weights", true);
    config.require("scale_attn_by_inverse_layer_idx", false);
    config.require("add_cross_attention", false);
    int width = config.whole("n_embd");
    String function = config.text("activation_function", "gelu_new");
    Activation activation = ACTIVATIONS.get(function);
    if (activation == null) {
      throw ConfigReader.wrong(
          "activation_function",
          "gelu_new, gelu, relu or silu",
          config.value("activation_function"));
    }
    return TransformerShape.gpt2(
            config.whole("n_layer"),
            width,
            config.whole("n_head"),
            config.whole("vocab_size"),
            config.whole("n_positions"))
        .toBuilder()
        .feedForward(config.whole("n_inner", TransformerShape.fourfold(width)))
        .activation(activation)
        .normEpsilon(config.real("layer_norm_epsilon", TransformerShape.NORM_EPSILON))
        .tied(config.flag("tie_word_embeddings", true))
        .build();
  }

  @Override
  public List<TensorPlace> places(TransformerShape shape) {
    long width = shape.width();
    List<TensorPlace> places = new ArrayList<>();
    places.add(
        TensorPlace.whole(
            "transformer.wte.weight", LayerNames.EMBEDDING, TOKEN, shape.vocabulary(), width));
    places.add(
        TensorPlace.whole(
            "transformer.wpe.weight", LayerNames.EMBEDDING, POSITION, shape.positionRows(), width));
    for (int block = 0; block < shape.layers(); block++) {
      String name = "transformer.h." + block;
      String attention = LayerNames.attention(block);
      String network = LayerNames.feedForward(block);
      addNorm(places, shape, name + ".ln_1", attention);
      addLinear(places, shape, name + ".attn.c_attn", attention, QKV, width, 3 * width);
      addLinear(places, shape, name + ".attn.c_proj", attention, PROJECTION, width, width);
      addNorm(places, shape, name + ".ln_2", network);
      addLinear(places, shape, name + ".mlp.c_fc", network, UP, width, shape.feedForward());
      addLinear(places, shape, name + ".mlp.c_proj", network, DOWN, shape.feedForward(), width);
    }
    addNorm(places, shape, "transformer.ln_f", LayerNames.FINAL_NORM);
    if (!shape.tied()) {
      places.add(
          TensorPlace.whole(
              "lm_head.weight", LayerNames.HEAD, HEAD_WEIGHT, shape.vocabulary(), width));
    }
    return places;
  }

  private static void addNorm(
      List<TensorPlace> places, TransformerShape shape, String name, String layer) {
    places.add(TensorPlace.whole(name + ".weight", layer, gain(NORM), shape.width()));
    places.add(
        TensorPlace.optional(shape.bias(), name + ".bias", layer, bias(NORM), shape.width()));
  }

  private static void addLinear(
      List<TensorPlace> places,
      TransformerShape shape,
      String name,
      String layer,
      String linear,
      long inputs,
      long outputs) {
    places.add(TensorPlace.whole(name + ".weight", layer, weight(linear), inputs, outputs));
    places.add(TensorPlace.optional(shape.bias(), name + ".bias", layer, bias(linear), outputs));
  }

  @Override
  public String prefix() {
    return "transformer.";
  }

  /** The causal mask, which older files carry. */
  @Override
  public boolean isDerived(String name) {
    return name.matches("h\\.\\d+\\.attn\\.(bias|masked_bias)");
  }
}
