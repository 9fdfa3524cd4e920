package org.ergometer.models.transformer;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.ergometer.accounting.predict.LayerNames;
import org.ergometer.accounting.predict.TransformerShape;
import org.nd4j.linalg.api.buffer.DataType;

/** The kinds of DL4J layer a transformer is a chain of, with the parameters of each. */
enum Sublayer {
  /** Token and position look-up. */
  EMBEDDING {
    @Override
    String layerName(int block) {
      return LayerNames.EMBEDDING;
    }

    @Override
    List<Parameter> parameters(TransformerShape shape) {
      return List.of(
          Parameter.matrix(TOKEN, shape.vocabulary(), shape.width(), DEVIATION),
          Parameter.matrix(POSITION, shape.context(), shape.width(), DEVIATION));
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
      List<Parameter> parameters = new ArrayList<>();
      addNorm(parameters, shape);
      addLinear(parameters, QKV, width, Math.multiplyExact(3, width), DEVIATION, shape);
      addLinear(parameters, PROJECTION, width, width, residualDeviation(shape), shape);
      return parameters;
    }

    @Override
    TransformerLayer instantiate(NeuralNetConfiguration configuration, DataType dataType) {
      return new AttentionLayer(configuration, dataType);
    }
  },

  /** Norm, GELU feed-forward network and residual sum. */
  FEED_FORWARD {
    @Override
    String layerName(int block) {
      return LayerNames.feedForward(block);
    }

    @Override
    List<Parameter> parameters(TransformerShape shape) {
      List<Parameter> parameters = new ArrayList<>();
      addNorm(parameters, shape);
      addLinear(parameters, UP, shape.width(), shape.feedForward(), DEVIATION, shape);
      addLinear(
          parameters, DOWN, shape.feedForward(), shape.width(), residualDeviation(shape), shape);
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
      addNorm(parameters, shape);
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
  static final String NORM_GAIN = "normGain";
  static final String NORM_BIAS = "normBias";
  static final String QKV = "qkv";
  static final String PROJECTION = "projection";
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

  /** Name of a linear layer's bias. */
  static String bias(String linear) {
    return linear + "Bias";
  }

  private static void addNorm(List<Parameter> parameters, TransformerShape shape) {
    parameters.add(Parameter.gain(NORM_GAIN, shape.width()));
    if (shape.bias()) {
      parameters.add(Parameter.bias(NORM_BIAS, shape.width()));
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
