package org.ergometer.models.transformer;

import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.LayerNames;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * The configuration of a transformer as DL4J's JSON, which anybody may have written. Nothing of it
 * is made into an object but the shape; the graph has to be the one of that shape, and is built
 * here.
 */
public final class SavedConfiguration {

  private static final double ANY_RATE = 1e-3;

  private final ObjectMapper mapper = JsonMappers.getMapper();

  private SavedConfiguration() {}

  /**
   * The shape that a JSON describes.
   *
   * @throws IllegalArgumentException if it is not that of a transformer of this package, layer by
   *     layer
   */
  public static TransformerShape shape(String json) {
    return new SavedConfiguration().read(json);
  }

  /** A configuration of the shape to use a model with, and not to train it. */
  public static ComputationGraphConfiguration of(TransformerShape shape) {
    return Transformer.configuration(
        shape, Recompute.NONE, Optimization.adamW(ANY_RATE), 1, DataType.FLOAT);
  }

  private TransformerShape read(String json) {
    try {
      JsonNode root = mapper.readTree(json);
      JsonNode vertices = root.path("vertices");
      TransformerShape shape = shapeOf(vertices.path(LayerNames.EMBEDDING));
      Transformer.requireBuildable(shape);
      require(vertices.size() >= 2L * shape.layers() && vertices.size() <= 2L * shape.layers() + 4);
      requireGraph(shape, root, mapper.readTree(of(shape).toJson()));
      return shape;
    } catch (JsonProcessingException | ArithmeticException e) {
      throw new InvalidInputException("its configuration cannot be read", e);
    }
  }

  private void requireGraph(TransformerShape shape, JsonNode root, JsonNode expected)
      throws JsonProcessingException {
    for (String name : new String[] {"networkInputs", "networkOutputs", "vertexInputs"}) {
      require(root.path(name).equals(expected.path(name)));
    }
    JsonNode vertices = root.path("vertices");
    require(vertices.size() == expected.path("vertices").size());
    Iterator<Map.Entry<String, JsonNode>> all = expected.path("vertices").fields();
    while (all.hasNext()) {
      Map.Entry<String, JsonNode> each = all.next();
      JsonNode vertex = vertices.path(each.getKey());
      require(same(vertex, each.getValue(), "@class"));
      JsonNode layer = layer(each.getValue());
      if (!layer.isMissingNode()) {
        for (String key : new String[] {"@class", "kind", "block"}) {
          require(same(layer(vertex), layer, key));
        }
        require(shapeOf(vertex).equals(shape));
      }
    }
  }

  private TransformerShape shapeOf(JsonNode vertex) throws JsonProcessingException {
    JsonNode shape = layer(vertex).path("shape");
    require(shape.isObject());
    return Objects.requireNonNull(mapper.treeToValue(shape, TransformerShape.class));
  }

  private static JsonNode layer(JsonNode vertex) {
    return vertex.path("layerConf").path("layer");
  }

  private static boolean same(JsonNode one, JsonNode other, String key) {
    return one.path(key).equals(other.path(key));
  }

  private static void require(boolean met) {
    if (!met) {
      throw new InvalidInputException("it is no transformer of ergometer");
    }
  }
}
