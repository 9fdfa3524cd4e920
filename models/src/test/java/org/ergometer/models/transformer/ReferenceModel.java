package org.ergometer.models.transformer;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.predict.Activation;
import org.ergometer.accounting.predict.Norm;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.TransformerShape;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The forward pass of one sequence in plain loops over doubles, straight from the definitions. */
final class ReferenceModel {

  private final TransformerShape shape;
  private final Map<String, INDArray> parameters;

  ReferenceModel(ComputationGraph graph) {
    this.shape = Transformer.shape(graph);
    this.parameters = graph.paramTable();
  }

  /** Logits [T][V]. */
  double[][] logits(int[] tokens) {
    double[][] x = new double[tokens.length][shape.width()];
    for (int t = 0; t < tokens.length; t++) {
      for (int c = 0; c < shape.width(); c++) {
        x[t][c] = at("embedding_token", tokens[t], c);
        if (shape.positions() == Positions.LEARNED) {
          x[t][c] += at("embedding_position", t, c);
        }
      }
    }
    for (int block = 0; block < shape.layers(); block++) {
      String attention = "block." + block + ".attention_";
      String feedForward = "block." + block + ".feed_forward_";
      double[][] qkv = linear(norm(x, attention + "norm"), attention + "qkv");
      addTo(x, linear(attend(compared(qkv, attention)), attention + "projection"));
      double[][] normed = norm(x, feedForward + "norm");
      addTo(x, linear(hidden(normed, feedForward), feedForward + "down"));
    }
    return head(norm(x, "final_norm_norm"));
  }

  private double[][] head(double[][] x) {
    String matrix = shape.tied() ? "embedding_token" : "head_weight";
    double[][] logits = new double[x.length][shape.vocabulary()];
    for (int t = 0; t < x.length; t++) {
      for (int v = 0; v < shape.vocabulary(); v++) {
        for (int c = 0; c < shape.width(); c++) {
          logits[t][v] += x[t][c] * at(matrix, v, c);
        }
      }
    }
    return logits;
  }

  private double[][] norm(double[][] x, String name) {
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = norm(x[t], name);
    }
    return y;
  }

  private double[] norm(double[] x, String name) {
    if (shape.norm() == Norm.NONE) {
      return x;
    }
    boolean centred = shape.norm() == Norm.LAYERNORM;
    double mean = centred ? Arrays.stream(x).sum() / x.length : 0;
    double variance = 0;
    for (double value : x) {
      variance += (value - mean) * (value - mean) / x.length;
    }
    double[] y = new double[x.length];
    for (int c = 0; c < x.length; c++) {
      double normalized = (x[c] - mean) / Math.sqrt(variance + shape.normEpsilon());
      y[c] = normalized * at(name + "Gain", c) + (centred ? bias(name + "Bias", c) : 0);
    }
    return y;
  }

  private double[][] linear(double[][] x, String layer) {
    int outputs = (int) parameter(layer + "Weight").size(1);
    double[][] y = new double[x.length][outputs];
    for (int t = 0; t < x.length; t++) {
      for (int out = 0; out < outputs; out++) {
        y[t][out] = bias(layer + "Bias", out);
        for (int in = 0; in < x[t].length; in++) {
          y[t][out] += x[t][in] * at(layer + "Weight", in, out);
        }
      }
    }
    return y;
  }

  /** Queries and keys normalized and rotated where the shape wants that. */
  private double[][] compared(double[][] qkv, String layer) {
    int headDim = shape.headDim();
    for (int t = 0; t < qkv.length; t++) {
      for (int head = 0; head < shape.heads() + shape.keyValueHeads(); head++) {
        double[] values = Arrays.copyOfRange(qkv[t], head * headDim, (head + 1) * headDim);
        if (shape.qkNorm()) {
          values = norm(values, layer + (head < shape.heads() ? "queryNorm" : "keyNorm"));
        }
        if (shape.positions() == Positions.ROPE) {
          values = rotated(values, t);
        }
        System.arraycopy(values, 0, qkv[t], head * headDim, headDim);
      }
    }
    return qkv;
  }

  /** Pairs (i, i + K/2) as complex numbers, times exp(√−1 · t · θ^(−2i/K)). */
  private double[] rotated(double[] x, int t) {
    double[] y = new double[x.length];
    int half = x.length / 2;
    for (int i = 0; i < half; i++) {
      double angle = t / Math.pow(shape.ropeBase(), 2.0 * i / x.length);
      y[i] = x[i] * Math.cos(angle) - x[i + half] * Math.sin(angle);
      y[i + half] = x[i] * Math.sin(angle) + x[i + half] * Math.cos(angle);
    }
    return y;
  }

  private double[][] attend(double[][] qkv) {
    double[][] y = new double[qkv.length][shape.attentionWidth()];
    for (int t = 0; t < qkv.length; t++) {
      for (int head = 0; head < shape.heads(); head++) {
        attend(qkv, t, head, y[t]);
      }
    }
    return y;
  }

  private void attend(double[][] qkv, int t, int head, double[] y) {
    int headDim = shape.headDim();
    int shared = head * shape.keyValueHeads() / shape.heads();
    int query = head * headDim;
    int key = (shape.heads() + shared) * headDim;
    int value = (shape.heads() + shape.keyValueHeads() + shared) * headDim;
    double[] weights = new double[t + 1];
    double sum = 0;
    for (int s = 0; s <= t; s++) {
      double score = 0;
      for (int k = 0; k < headDim; k++) {
        score += qkv[t][query + k] * qkv[s][key + k];
      }
      weights[s] = Math.exp(score / Math.sqrt(headDim));
      sum += weights[s];
    }
    for (int s = 0; s <= t; s++) {
      for (int k = 0; k < headDim; k++) {
        y[query + k] += weights[s] / sum * qkv[s][value + k];
      }
    }
  }

  private double[][] hidden(double[][] x, String layer) {
    if (shape.activation() != Activation.SWIGLU) {
      return activated(linear(x, layer + "up"));
    }
    double[][] y = activated(linear(x, layer + "gate"));
    double[][] up = linear(x, layer + "up");
    for (int t = 0; t < y.length; t++) {
      for (int f = 0; f < y[t].length; f++) {
        y[t][f] *= up[t][f];
      }
    }
    return y;
  }

  private double[][] activated(double[][] x) {
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = Arrays.stream(x[t]).map(this::activated).toArray();
    }
    return y;
  }

  private double activated(double x) {
    return switch (shape.activation()) {
      // x/2 · (1 + tanh(sqrt(2/π)·(x + 0.044715·x³)))
      case GELU -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case GELU_ERF -> x / 2 * (1 + errorFunction(x / Math.sqrt(2)));
      case RELU -> Math.max(x, 0);
      case SILU, SWIGLU -> x / (1 + Math.exp(-x));
    };
  }

  /** 2/sqrt(π) · exp(−x²) · sum of 2ⁿ·x²ⁿ⁺¹ / (1·3·…·(2n+1)): all terms have x's sign. */
  private static double errorFunction(double x) {
    double term = x;
    double sum = 0;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      sum += term;
      term *= 2 * x * x / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  private static void addTo(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int c = 0; c < x[t].length; c++) {
        x[t][c] += y[t][c];
      }
    }
  }

  private double bias(String name, int index) {
    return shape.bias() ? at(name, index) : 0;
  }

  private double at(String name, int... index) {
    return parameter(name).getDouble(index);
  }

  private INDArray parameter(String name) {
    return Objects.requireNonNull(parameters.get(name), name);
  }
}
