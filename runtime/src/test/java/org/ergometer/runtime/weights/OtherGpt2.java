package org.ergometer.runtime.weights;

import com.fasterxml.jackson.databind.JsonNode;

/** GPT-2's forward pass from its file's tensors, one position after the other, in double. */
final class OtherGpt2 {

  private final PlainTensors tensors;
  private final JsonNode config;
  private final int width;
  private final int heads;

  OtherGpt2(PlainTensors tensors, JsonNode config) {
    this.tensors = tensors;
    this.config = config;
    this.width = config.get("n_embd").intValue();
    this.heads = config.get("n_head").intValue();
  }

  double[][] logits(int... tokens) {
    double[][] x = new double[tokens.length][width];
    for (int t = 0; t < tokens.length; t++) {
      for (int c = 0; c < width; c++) {
        x[t][c] =
            tensors.at("transformer.wte.weight", tokens[t], c)
                + tensors.at("transformer.wpe.weight", t, c);
      }
    }
    for (int block = 0; block < config.get("n_layer").intValue(); block++) {
      String name = "transformer.h." + block;
      add(x, attention(name + ".attn", normed(x, name + ".ln_1")));
      double[][] hidden = map(normed(x, name + ".ln_2"), name + ".mlp.c_fc");
      for (double[] row : hidden) {
        for (int c = 0; c < row.length; c++) {
          row[c] = activation(row[c]);
        }
      }
      add(x, map(hidden, name + ".mlp.c_proj"));
    }
    x = normed(x, "transformer.ln_f");
    String head =
        config.get("tie_word_embeddings").booleanValue()
            ? "transformer.wte.weight"
            : "lm_head.weight";
    double[][] logits = new double[tokens.length][config.get("vocab_size").intValue()];
    for (int t = 0; t < tokens.length; t++) {
      for (int v = 0; v < logits[t].length; v++) {
        for (int c = 0; c < width; c++) {
          logits[t][v] += x[t][c] * tensors.at(head, v, c);
        }
      }
    }
    return logits;
  }

  private double activation(double x) {
    return switch (config.get("activation_function").textValue()) {
      case "gelu_new" ->
          0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * Math.pow(x, 3))));
      case "relu" -> Math.max(0, x);
      case "silu" -> x / (1 + Math.exp(-x));
      default -> throw new IllegalArgumentException(config.toString());
    };
  }

  private double[][] attention(String name, double[][] x) {
    double[][] qkv = map(x, name + ".c_attn");
    int size = width / heads;
    double[][] mixed = new double[x.length][width];
    for (int head = 0; head < heads; head++) {
      for (int t = 0; t < x.length; t++) {
        double[] weights = new double[t + 1];
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          double score = 0;
          for (int c = 0; c < size; c++) {
            score += qkv[t][head * size + c] * qkv[s][width + head * size + c];
          }
          weights[s] = Math.exp(score / Math.sqrt(size));
          sum += weights[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int c = 0; c < size; c++) {
            mixed[t][head * size + c] += weights[s] / sum * qkv[s][2 * width + head * size + c];
          }
        }
      }
    }
    return map(mixed, name + ".c_proj");
  }

  private double[][] normed(double[][] x, String name) {
    double[][] y = new double[x.length][width];
    for (int t = 0; t < x.length; t++) {
      double mean = 0;
      for (double value : x[t]) {
        mean += value / width;
      }
      double variance = config.get("layer_norm_epsilon").doubleValue();
      for (double value : x[t]) {
        variance += (value - mean) * (value - mean) / width;
      }
      for (int c = 0; c < width; c++) {
        y[t][c] =
            (x[t][c] - mean) / Math.sqrt(variance) * tensors.at(name + ".weight", c)
                + tensors.at(name + ".bias", c);
      }
    }
    return y;
  }

  /** Conv1D: the weight is [inputs, outputs]. */
  private double[][] map(double[][] x, String name) {
    int outputs = tensors.shape(name + ".weight")[1];
    double[][] y = new double[x.length][outputs];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < outputs; o++) {
        y[t][o] = tensors.at(name + ".bias", o);
        for (int i = 0; i < x[t].length; i++) {
          y[t][o] += x[t][i] * tensors.at(name + ".weight", i, o);
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
