package org.ergometer.models.transformer;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The parameters of a transformer by layer and name. Matrices of linear maps are [inputs, outputs];
 * those of embedding and head [vocabulary, width]; queries, keys and values are columns of one.
 */
public final class TransformerParameters {

  /** Matrix of the token embedding. */
  public static final String TOKEN = Sublayer.TOKEN;

  /** Matrix of learned positions. */
  public static final String POSITION = Sublayer.POSITION;

  /** The norm of a layer, for {@link #gain} and {@link #bias}. */
  public static final String NORM = Sublayer.NORM;

  /** Linear maps, for {@link #weight} and {@link #bias}. */
  public static final String QKV = Sublayer.QKV;

  public static final String PROJECTION = Sublayer.PROJECTION;
  public static final String GATE = Sublayer.GATE;
  public static final String UP = Sublayer.UP;
  public static final String DOWN = Sublayer.DOWN;

  /** Matrix of a head of its own. */
  public static final String HEAD_WEIGHT = Sublayer.HEAD_WEIGHT;

  private TransformerParameters() {}

  /** Name of a linear map's matrix. */
  public static String weight(String linear) {
    return Sublayer.weight(linear);
  }

  /** Name of a norm's gain. */
  public static String gain(String norm) {
    return Sublayer.gain(norm);
  }

  /** Name of the bias of a linear map or norm. */
  public static String bias(String name) {
    return Sublayer.bias(name);
  }

  /**
   * A parameter as a view of the model's memory, dense in c-order.
   *
   * @param layer as in {@link org.ergometer.accounting.predict.LayerNames}
   */
  public static INDArray of(ComputationGraph graph, String layer, String name) {
    @Nullable INDArray parameter = graph.getLayer(layer).getParam(name);
    if (parameter == null) {
      throw new InvalidInputException("layer %s has no parameter %s".formatted(layer, name));
    }
    return parameter;
  }

  /**
   * Sets the parameters of a model to those of another. Of learned positions, a model with a
   * shorter context takes the first.
   *
   * @throws IllegalArgumentException if one has another shape
   */
  public static void copy(ComputationGraph from, ComputationGraph to) {
    for (Layer layer : to.getLayers()) {
      String layerName = layer.conf().getLayer().getLayerName();
      for (Map.Entry<String, INDArray> entry : layer.paramTable().entrySet()) {
        INDArray source = of(from, layerName, entry.getKey());
        INDArray target = entry.getValue();
        if (entry.getKey().equals(POSITION) && source.size(0) > target.size(0)) {
          source =
              Nd4j.create(source.data(), target.shape(), source.stride(), source.offset(), 'c');
        }
        if (!source.equalShapes(target)) {
          throw new InvalidInputException(
              "%s of %s must have the shape %s, got %s"
                  .formatted(
                      entry.getKey(),
                      layerName,
                      Arrays.toString(target.shape()),
                      Arrays.toString(source.shape())));
        }
        target.assign(source);
      }
    }
  }
}
