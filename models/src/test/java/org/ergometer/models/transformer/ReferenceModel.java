package org.ergometer.models.transformer;

import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
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
        x[t][c] = at("embedding_token", tokens[t], c) + at("embedding_position", t, c);
      }
    }
    for (int block = 0; block < shape.layers(); block++) {
      String attention = "block." + block + ".attention_";
      String feedForward = "block." + block + ".feed_forward_";
      addTo(
          x,
          linear(attend(linear(norm(x, attention), attention + "qkv")), attention + "projection"));
      addTo(
          x, linear(gelu(linear(norm(x, feedForward), feedForward + "up")), feedForward + "down"));
    }
    return head(norm(x, "final_norm_"));
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

  private double[][] norm(double[][] x, String layer) {
    double[][] y = new double[x.length][shape.width()];
    for (int t = 0; t < x.length; t++) {
      double mean = 0;
      for (double value : x[t]) {
        mean += value / shape.width();
      }
      double variance = 0;
      for (double value : x[t]) {
        variance += (value - mean) * (value - mean) / shape.width();
      }
      for (int c = 0; c < shape.width(); c++) {
        double normalized = (x[t][c] - mean) / Math.sqrt(variance + 1e-5);
        y[t][c] = normalized * at(layer + "normGain", c) + bias(layer + "normBias", c);
      }
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

  private double[][] attend(double[][] qkv) {
    int width = shape.width();
    int headDim = shape.headDim();
    double[][] y = new double[qkv.length][width];
    for (int t = 0; t < qkv.length; t++) {
      for (int first = 0; first < width; first += headDim) {
        double[] weights = new double[t + 1];
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          double score = 0;
          for (int k = first; k < first + headDim; k++) {
            score += qkv[t][k] * qkv[s][width + k];
          }
          weights[s] = Math.exp(score / Math.sqrt(headDim));
          sum += weights[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int k = first; k < first + headDim; k++) {
            y[t][k] += weights[s] / sum * qkv[s][2 * width + k];
          }
        }
      }
    }
    return y;
  }

  /** x/2 · (1 + tanh(sqrt(2/π)·(x + 0.044715·x³))). */
  private static double[][] gelu(double[][] x) {
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int f = 0; f < x[t].length; f++) {
        double v = x[t][f];
        double inner = Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v);
        y[t][f] = v / 2 * (1 + Math.tanh(inner));
      }
    }
    return y;
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
