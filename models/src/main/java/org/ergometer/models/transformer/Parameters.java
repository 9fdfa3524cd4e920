package org.ergometer.models.transformer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.ergometer.accounting.predict.TransformerShape;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Lays a layer's parameters into DL4J's flat arrays, in c-order one after the other, and gives them
 * their start values.
 *
 * <p>Start values depend on the seed, the layer's name and the parameter's, and on nothing else:
 * neither on ND4J's generator nor on what was made before.
 */
final class Parameters implements ParamInitializer {

  private static final int CHUNK = 1 << 16;

  /** All parameters of a model. */
  static List<Parameter> of(TransformerShape shape) {
    List<Parameter> parameters = new ArrayList<>(Sublayer.EMBEDDING.parameters(shape));
    for (int block = 0; block < shape.layers(); block++) {
      parameters.addAll(Sublayer.ATTENTION.parameters(shape));
      parameters.addAll(Sublayer.FEED_FORWARD.parameters(shape));
    }
    parameters.addAll(Sublayer.FINAL_NORM.parameters(shape));
    if (!shape.tied()) {
      parameters.addAll(Sublayer.HEAD.parameters(shape));
    }
    return parameters;
  }

  @Override
  public long numParams(NeuralNetConfiguration configuration) {
    return numParams(configuration.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    return of(layer).stream().mapToLong(Parameter::length).sum();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return of(layer).stream().map(Parameter::name).toList();
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return of(layer).stream().filter(Parameter::decays).map(Parameter::name).toList();
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return of(layer).stream().filter(it -> !it.decays()).map(Parameter::name).toList();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return weightKeys(layer).contains(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return biasKeys(layer).contains(key);
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration configuration, INDArray paramsView, boolean initializeParams) {
    Layer layer = configuration.getLayer();
    Map<String, INDArray> views = views(layer, paramsView);
    for (Parameter parameter : of(layer)) {
      configuration.addVariable(parameter.name());
      if (initializeParams) {
        INDArray view = Objects.requireNonNull(views.get(parameter.name()));
        start(parameter, view, generator(configuration, parameter));
      }
    }
    return views;
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration configuration, INDArray gradientView) {
    return views(configuration.getLayer(), gradientView);
  }

  private static List<Parameter> of(Layer layer) {
    return ((TransformerLayerConf) layer).parameters();
  }

  private static Map<String, INDArray> views(Layer layer, INDArray flat) {
    Map<String, INDArray> views = new LinkedHashMap<>();
    long offset = 0;
    for (Parameter parameter : of(layer)) {
      long end = offset + parameter.length();
      INDArray view = flat.reshape(flat.length()).get(NDArrayIndex.interval(offset, end));
      views.put(parameter.name(), view.reshape('c', parameter.extents()));
      offset = end;
    }
    return views;
  }

  private static void start(Parameter parameter, INDArray view, Random random) {
    if (parameter.deviation() == 0) {
      view.assign(parameter.constant());
      return;
    }
    INDArray flat = view.reshape(view.length());
    for (long offset = 0; offset < flat.length(); offset += CHUNK) {
      long end = Math.min(offset + CHUNK, flat.length());
      double[] values = new double[Math.toIntExact(end - offset)];
      for (int index = 0; index < values.length; index++) {
        values[index] = parameter.deviation() * random.nextGaussian();
      }
      INDArray start = Nd4j.createFromArray(values).castTo(view.dataType());
      flat.get(NDArrayIndex.interval(offset, end)).assign(start);
    }
  }

  /** The platform's generator, whose sequence for a seed is specified. */
  private static Random generator(NeuralNetConfiguration configuration, Parameter parameter) {
    String name = configuration.getLayer().getLayerName() + "." + parameter.name();
    // Spreads neighbouring seeds: the generator's first numbers for those are much alike.
    return new Random((configuration.getSeed() * 31 + name.hashCode()) * 0x9E3779B97F4A7C15L);
  }
}
