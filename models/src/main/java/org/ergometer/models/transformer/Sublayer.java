package org.ergometer.models.transformer;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.ergometer.accounting.predict.LayerNames;
import org.ergometer.accounting.predict.Norm;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.TransformerShape;
import org.nd4j.linalg.api.buffer.DataType;

/** The kinds of DL4J layer a transformer is a chain of, with the parameters of each. */
enum Sublayer {
  /** Token look-up, and that of positions where they are learned. */
  EMBEDDING {
    @Override
    String layerName(int block) {
      return LayerNames.EMBEDDING;
    }

    @Override
    List<Parameter> parameters(TransformerShape shape) {
      List<Parameter> parameters = new ArrayList<>();
      parameters.add(Parameter.matrix(TOKEN, shape.vocabulary(), shape.width(), DEVIATION));
      if (shape.positions() == Positions.LEARNED) {
        parameters.add(Parameter.matrix(POSITION, shape.positionRows(), shape.width(), DEVIATION));
      }
      return parameters;
    }

    @Override
    TransformerLayer instantiate(NeuralNetConfiguration configuration, DataType dataType) {
      return new EmbeddingLayer(configuration, dataType);
    }
  },

  /** Norm, causal self-attention and residual sum. */
  ATTENTION {
    @Override
    String layerName(int block) {
      return LayerNames.attention(block);
    }

    @Override
    List<Parameter> parameters(TransformerShape shape) {
      int width = shape.width();
      int attentionWidth = shape.attentionWidth();
      List<Parameter> parameters = new ArrayList<>();
      addNorm(parameters, NORM, width, shape);
      addLinear(parameters, QKV, width, Math.toIntExact(shape.qkvWidth()), DEVIATION, shape);
      if (shape.qkNorm()) {
        addNorm(parameters, QUERY_NORM, shape.headDim(), shape);
        addNorm(parameters, KEY_NORM, shape.headDim(), shape);
      }
      addLinear(parameters, PROJECTION, attentionWidth, width, residualDeviation(shape), shape);
      return parameters;
    }

    @Override
    TransformerLayer instantiate(NeuralNetConfiguration configuration, DataType dataType) {
      return new AttentionLayer(configuration, dataType);
    }
  },

  /** Norm, feed-forward network and residual sum. */
  FEED_FORWARD {
    @Override
    String layerName(int block) {
      return LayerNames.feedForward(block);
    }

    @Override
    List<Parameter> parameters(TransformerShape shape) {
      List<Parameter> parameters = new ArrayList<>();
      int width = shape.width();
      int hidden = shape.feedForward();
      addNorm(parameters, NORM, width, shape);
      if (shape.activation().matrices() > 2) {
        addLinear(parameters, GATE, width, hidden, DEVIATION, shape);
      }
      addLinear(parameters, UP, width, hidden, DEVIATION, shape);
      addLinear(parameters, DOWN, hidden, width, residualDeviation(shape), shape);
      return parameters;
    }

    @Override
    TransformerLayer instantiate(NeuralNetConfiguration configuration, DataType dataType) {
      return new FeedForwardLayer(configuration, dataType);
    }
  },

  /** Norm after the last block. */
  FINAL_NORM {
    @Override
    String layerName(int block) {
      return LayerNames.FINAL_NORM;
    }

    @Override
    List<Parameter> parameters(TransformerShape shape) {
      List<Parameter> parameters = new ArrayList<>();
      addNorm(parameters, NORM, shape.width(), shape);
      return parameters;
    }

    @Override
    TransformerLayer instantiate(NeuralNetConfiguration configuration, DataType dataType) {
      return new NormLayer(configuration, dataType);
    }
  },

  /** Output head with a matrix of its own. */
  HEAD {
    @Override
    String layerName(int block) {
      return LayerNames.HEAD;
    }

    @Override
    List<Parameter> parameters(TransformerShape shape) {
      return List.of(Parameter.matrix(HEAD_WEIGHT, shape.vocabulary(), shape.width(), DEVIATION));
    }

    @Override
    TransformerLayer instantiate(NeuralNetConfiguration configuration, DataType dataType) {
      return new HeadLayer(configuration, dataType);
    }
  },

  /** Softmax cross-entropy. */
  LOSS {
    @Override
    String layerName(int block) {
      return LayerNames.LOSS;
    }

    @Override
    List<Parameter> parameters(TransformerShape shape) {
      return List.of();
    }

    @Override
    TransformerLayer instantiate(NeuralNetConfiguration configuration, DataType dataType) {
      return new LossLayer(configuration, dataType);
    }
  };

  static final String TOKEN = "token";
  static final String POSITION = "position";
  static final String NORM = "norm";
  static final String QUERY_NORM = "queryNorm";
  static final String KEY_NORM = "keyNorm";
  static final String QKV = "qkv";
  static final String PROJECTION = "projection";
  static final String GATE = "gate";
  static final String UP = "up";
  static final String DOWN = "down";
  static final String HEAD_WEIGHT = "weight";

  /** Standard deviation of start values (Radford et al. 2019; nanoGPT). */
  private static final double DEVIATION = 0.02;

  /** Name of the DL4J layer, the one its work is booked under. */
  abstract String layerName(int block);

  /** The layer's parameters in the order in which they are flattened. */
  abstract List<Parameter> parameters(TransformerShape shape);

  abstract TransformerLayer instantiate(NeuralNetConfiguration configuration, DataType dataType);

  /** Name of a linear layer's matrix. */
  static String weight(String linear) {
    return linear + "Weight";
  }

  /** Name of a norm's gain. */
  static String gain(String norm) {
    return norm + "Gain";
  }

  /** Name of the bias of a linear layer or norm. */
  static String bias(String name) {
    return name + "Bias";
  }

  private static void addNorm(
      List<Parameter> parameters, String name, int width, TransformerShape shape) {
    if (shape.norm() == Norm.NONE) {
      return;
    }
    parameters.add(Parameter.gain(gain(name), width));
    if (shape.norm() == Norm.LAYERNORM && shape.bias()) {
      parameters.add(Parameter.bias(bias(name), width));
    }
  }

  private static void addLinear(
      List<Parameter> parameters,
      String linear,
      int inputs,
      int outputs,
      double deviation,
      TransformerShape shape) {
    parameters.add(Parameter.matrix(weight(linear), inputs, outputs, deviation));
    if (shape.bias()) {
      parameters.add(Parameter.bias(bias(linear), outputs));
    }
  }

  /** What is added to the residual stream starts smaller the more sums there are, two a block. */
  private static double residualDeviation(TransformerShape shape) {
    return DEVIATION / Math.sqrt(2.0 * shape.layers());
  }
}
