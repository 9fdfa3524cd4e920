package org.ergometer.accounting.nd4j;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;

/**
 * Attributes ops to the layers of a network of DL4J's own layers, which know nothing of scopes.
 *
 * <pre>{@code
 * network.init();
 * LayerScopes scopes = LayerScopes.install(network);
 * }</pre>
 *
 * <p>Each layer object is replaced by one of a generated subclass of its own class, with the same
 * state, whose forward and backward methods run inside a {@link org.ergometer.accounting.op.Scope}
 * with the layer's name. Everything else, {@code instanceof} included, is as before, and so are the
 * results. The network keeps these objects until it is initialized again; a clone or a restored
 * network has none. Install before the first {@code fit}, on an initialized network.
 *
 * <p>A layer that wraps others, such as {@code Bidirectional}, counts as one layer. Vertices
 * without a layer are not attributed.
 */
public final class LayerScopes {

  private final List<String> scoped = new ArrayList<>();
  private final Map<String, String> unscoped = new LinkedHashMap<>();

  private LayerScopes() {}

  /** Installs scopes in an initialized network; doing so again changes nothing. */
  public static LayerScopes install(MultiLayerNetwork network) {
    Layer[] layers = requireInitialized(network.getLayers());
    LayerScopes scopes = new LayerScopes();
    for (int index = 0; index < layers.length; index++) {
      Layer layer = scopes.scope(layers[index], nameOf(layers[index], index));
      layers[index] = layer;
    }
    network.setLayers(layers);
    Map<String, Layer> byName = layersByName(network);
    for (Layer layer : layers) {
      byName.replace(layer.conf().getLayer().getLayerName(), layer);
    }
    return scopes;
  }

  /** Likewise. */
  public static LayerScopes install(ComputationGraph network) {
    Layer[] layers = requireInitialized(network.getLayers());
    LayerScopes scopes = new LayerScopes();
    for (GraphVertex vertex : network.getVertices()) {
      if (vertex instanceof LayerVertex layerVertex) {
        Layer original = layerVertex.getLayer();
        Layer layer = scopes.scope(original, vertex.getVertexName());
        set(LayerVertex.class, "layer", vertex, layer);
        replace(layers, original, layer);
      }
    }
    return scopes;
  }

  /** Names of the layers whose ops are attributed. */
  public List<String> scoped() {
    return List.copyOf(scoped);
  }

  /**
   * Names of the layers left as they are, with the reason; their ops are counted under no layer.
   */
  public Map<String, String> unscoped() {
    return Map.copyOf(unscoped);
  }

  private Layer scope(Layer layer, String name) {
    if (!ScopedLayers.isScoped(layer)) {
      try {
        Layer result = ScopedLayers.scope(layer, name);
        scoped.add(name);
        return result;
      } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
        unscoped.put(name, "%s cannot be subclassed: %s".formatted(layer.getClass().getName(), e));
        return layer;
      }
    }
    scoped.add(name);
    return layer;
  }

  @SuppressWarnings("ReferenceEquality") // the very object is looked for
  private static void replace(Layer[] layers, Layer original, Layer layer) {
    for (int index = 0; index < layers.length; index++) {
      if (layers[index] == original) {
        layers[index] = layer;
      }
    }
  }

  private static String nameOf(Layer layer, int index) {
    String name = layer.conf().getLayer().getLayerName();
    return name == null ? "layer" + index : name;
  }

  private static Layer[] requireInitialized(Layer @Nullable [] layers) {
    if (layers == null || layers.length == 0 || layers[0] == null) {
      throw new IllegalArgumentException(
          "network must be initialized before scopes are installed; call init() first");
    }
    return layers;
  }

  @SuppressWarnings("unchecked") // as the field is declared
  private static Map<String, Layer> layersByName(MultiLayerNetwork network) {
    try {
      return (Map<String, Layer>) accessible(MultiLayerNetwork.class, "layerMap").get(network);
    } catch (IllegalAccessException e) {
      throw new LinkageError("cannot read layerMap", e);
    }
  }

  private static void set(Class<?> type, String field, Object object, Object value) {
    try {
      accessible(type, field).set(object, value);
    } catch (IllegalAccessException e) {
      throw new LinkageError("cannot set " + field, e);
    }
  }

  private static Field accessible(Class<?> type, String name) {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException e) {
      throw new LinkageError(type.getName() + " has no field " + name, e);
    }
  }
}
