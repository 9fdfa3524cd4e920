package org.ergometer.models.transformer;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * DL4J's configuration of any layer of a transformer: which kind of layer, of which shape, in which
 * block. DL4J writes it as JSON with the model.
 */
final class TransformerLayerConf extends BaseLayer {

  private static final Parameters INITIALIZER = new Parameters();

  @JsonProperty("kind")
  private final Sublayer kind;

  @JsonProperty("shape")
  private final TransformerShape shape;

  @JsonProperty("block")
  private final int block;

  @JsonProperty("recompute")
  private final Recompute recompute;

  /**
   * A layer of a transformer of the given shape.
   *
   * @param block index of the block it belongs to; 0 for layers outside of blocks
   * @param recompute what its backward pass computes once more
   */
  @JsonCreator
  TransformerLayerConf(
      @JsonProperty("kind") Sublayer kind,
      @JsonProperty("shape") TransformerShape shape,
      @JsonProperty("block") int block,
      @JsonProperty("recompute") Recompute recompute) {
    this.kind = kind;
    this.shape = shape;
    this.block = block;
    this.recompute = recompute;
    setLayerName(kind.layerName(block));
  }

  TransformerShape shape() {
    return shape;
  }

  int block() {
    return block;
  }

  Recompute recompute() {
    return recompute;
  }

  List<Parameter> parameters() {
    return kind.parameters(shape);
  }

  @Override
  public org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration configuration,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams,
      DataType networkDataType) {
    TransformerLayer layer = kind.instantiate(configuration, networkDataType);
    Map<String, INDArray> table =
        paramsView == null
            ? Map.of()
            : INITIALIZER.init(configuration, paramsView, initializeParams);
    layer.setListeners(listeners);
    layer.setIndex(layerIndex);
    layer.setParamsViewArray(paramsView);
    layer.setParamTable(table);
    layer.setConf(configuration);
    return layer;
  }

  @Override
  public ParamInitializer initializer() {
    return INITIALIZER;
  }

  /** Decay for matrices only; DL4J's own rule would count gains as weights. */
  @Override
  public @Nullable List<Regularization> getRegularizationByParam(String paramName) {
    return INITIALIZER.isWeightParam(this, paramName) ? getRegularization() : null;
  }

  /** A rule whose state follows the shape of a parameter has to know it. */
  @Override
  public IUpdater getUpdaterByParam(String paramName) {
    IUpdater rule = super.getUpdaterByParam(paramName);
    if (rule instanceof AdafactorUpdater adafactor) {
      for (Parameter parameter : parameters()) {
        if (parameter.name().equals(paramName)) {
          return adafactor.of(getLayerName(), parameter);
        }
      }
    }
    return rule;
  }

  @Override
  public boolean isPretrainParam(String paramName) {
    return false;
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return inputType;
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    // The shape says all sizes.
  }

  @Override
  public @Nullable InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    long parameters = INITIALIZER.numParams(this);
    return new LayerMemoryReport.Builder(
            getLayerName(), TransformerLayerConf.class, inputType, inputType)
        .standardMemory(parameters, Math.multiplyExact(2, parameters))
        .workingMemory(0, 0, 0, 0)
        .cacheMemory(0, 0)
        .build();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TransformerLayerConf conf
        && super.equals(other)
        && kind == conf.kind
        && block == conf.block
        && recompute == conf.recompute
        && shape.equals(conf.shape);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), kind, block, recompute, shape);
  }
}
