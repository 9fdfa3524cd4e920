package org.ergometer.runtime.weights;

import com.fasterxml.jackson.databind.JsonNode;

/** Llama's forward pass from its file's tensors, one position after the other, in double. */
final class OtherLlama {

  private final PlainTensors tensors;
  private final JsonNode config;
  private final int width;
  private final int heads;
  private final int groups;
  private final int size;

  OtherLlama(PlainTensors tensors, JsonNode config) {
    this.tensors = tensors;
    this.config = config;
    this.width = config.get("hidden_size").intValue();
    this.heads = config.get("num_attention_heads").intValue();
    this.groups = heads / config.get("num_key_value_heads").intValue();
    this.size = config.get("head_dim").intValue();
  }

  double[][] logits(int... tokens) {
    double[][] x = new double[tokens.length][width];
    for (int t = 0; t < tokens.length; t++) {
      for (int c = 0; c < width; c++) {
        x[t][c] = tensors.at("model.embed_tokens.weight", tokens[t], c);
      }
    }
    for (int block = 0; block < config.get("num_hidden_layers").intValue(); block++) {
      String name = "model.layers." + block;
      add(x, attention(name + ".self_attn", normed(x, name + ".input_layernorm")));
      double[][] normed = normed(x, name + ".post_attention_layernorm");
      double[][] gate = map(normed, name + ".mlp.gate_proj");
      double[][] up = map(normed, name + ".mlp.up_proj");
      for (int t = 0; t < tokens.length; t++) {
        for (int c = 0; c < gate[t].length; c++) {
          up[t][c] *= gate[t][c] / (1 + Math.exp(-gate[t][c]));
        }
      }
      add(x, map(up, name + ".mlp.down_proj"));
    }
    x = normed(x, "model.norm");
    return map(
        x, config.get("tie_word_embeddings").booleanValue() ? "model.embed_tokens" : "lm_head");
  }

  private double[][] attention(String name, double[][] x) {
    double[][] queries = rotated(map(x, name + ".q_proj"));
    double[][] keys = rotated(map(x, name + ".k_proj"));
    double[][] values = map(x, name + ".v_proj");
    double[][] mixed = new double[x.length][heads * size];
    for (int head = 0; head < heads; head++) {
      int shared = head / groups * size;
      for (int t = 0; t < x.length; t++) {
        double[] weights = new double[t + 1];
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          double score = 0;
          for (int c = 0; c < size; c++) {
            score += queries[t][head * size + c] * keys[s][shared + c];
          }
          weights[s] = Math.exp(score / Math.sqrt(size));
          sum += weights[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int c = 0; c < size; c++) {
            mixed[t][head * size + c] += weights[s] / sum * values[s][shared + c];
          }
        }
      }
    }
    return map(mixed, name + ".o_proj");
  }

  /** Each head x becomes x · cos + (−second half, first half) · sin, as in rotate_half. */
  private double[][] rotated(double[][] x) {
    double base = config.get("rope_theta").doubleValue();
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int c = 0; c < x[t].length; c++) {
        int channel = c % size;
        double angle = t * Math.pow(base, -2.0 * (channel % (size / 2)) / size);
        double half = channel < size / 2 ? -x[t][c + size / 2] : x[t][c - size / 2];
        y[t][c] = x[t][c] * Math.cos(angle) + half * Math.sin(angle);
      }
    }
    return y;
  }

  private double[][] normed(double[][] x, String name) {
    double[][] y = new double[x.length][width];
    for (int t = 0; t < x.length; t++) {
      double square = config.get("rms_norm_eps").doubleValue();
      for (double value : x[t]) {
        square += value * value / width;
      }
      for (int c = 0; c < width; c++) {
        y[t][c] = x[t][c] / Math.sqrt(square) * tensors.at(name + ".weight", c);
      }
    }
    return y;
  }

  /** Linear: the weight is [outputs, inputs]. */
  private double[][] map(double[][] x, String name) {
    int outputs = tensors.shape(name + ".weight")[0];
    double[][] y = new double[x.length][outputs];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < outputs; o++) {
        y[t][o] = tensors.has(name + ".bias") ? tensors.at(name + ".bias", o) : 0;
        for (int i = 0; i < x[t].length; i++) {
          y[t][o] += x[t][i] * tensors.at(name + ".weight", o, i);
        }
      }
    }
    return y;
  }

  private static void add(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int c = 0; c < x[t].length; c++) {
        x[t][c] += y[t][c];
      }
    }
  }
}
