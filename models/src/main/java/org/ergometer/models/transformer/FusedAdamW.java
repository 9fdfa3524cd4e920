package org.ergometer.models.transformer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.op.FusedOp;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * AdamW by one op of the backend over all parameters, on the state that DL4J keeps for the graph:
 * its updater could go on with it, and a checkpoint of either is one of both.
 */
final class FusedAdamW implements ParameterUpdate {

  private final ComputationGraph graph;
  private final Optimization optimization;
  private final UpdateRule.Adam rule;
  private final Kernel kernel;

  /** For a decay of everything or more, which the op does not know. */
  private final GraphUpdate otherwise;

  private INDArray state;
  private INDArray m;
  private INDArray v;

  /** A parameter's place in the flat array. */
  private record Range(long begin, long end, boolean decays) {}

  FusedAdamW(ComputationGraph graph, Optimization optimization) {
    this.graph = graph;
    this.optimization = optimization;
    this.rule = (UpdateRule.Adam) optimization.rule();
    this.otherwise = new GraphUpdate(graph);
    this.kernel = new Kernel(FusedOp.ADAMW.label());
    if (optimization.weightDecay() > 0) {
      kernel.integers(decaying(ranges(graph)));
    }
    INDArray present = graph.getUpdater().getStateViewArray();
    state = present;
    m = half(present, 0);
    v = half(present, 1);
  }

  @Override
  public void apply(double scale, int iteration) {
    double rate = optimization.learningRate().valueAt(iteration, graph.getEpochCount());
    double keep = 1 - rate * optimization.weightDecay();
    if (keep <= 0) {
      otherwise.apply(scale, iteration);
      return;
    }
    INDArray present = graph.getUpdater().getStateViewArray();
    if (present != state) {
      state = present;
      m = half(present, 0);
      v = half(present, 1);
    }
    int step = iteration + 1;
    kernel.reals(
        scale,
        rate * Math.sqrt(1 - Math.pow(rule.beta2(), step)) / (1 - Math.pow(rule.beta1(), step)),
        rule.beta1(),
        rule.beta2(),
        rule.epsilon(),
        keep);
    INDArray p = flat(graph.params());
    kernel.run(List.of(m, v, p), flat(graph.getFlattenedGradients()), m, v, p);
  }

  private static INDArray flat(INDArray array) {
    return array.reshape(array.length());
  }

  /** DL4J keeps all first moments, then all second ones. */
  private static INDArray half(INDArray state, int index) {
    long length = state.length() / 2;
    return flat(state).get(NDArrayIndex.interval(index * length, (index + 1) * length));
  }

  /** All parameters in the order in which they lie in memory. */
  private static List<Range> ranges(ComputationGraph graph) {
    List<Range> ranges = new ArrayList<>();
    long start = graph.params().offset();
    for (Layer layer : graph.getLayers()) {
      if (layer instanceof TransformerLayer transformer) {
        for (Parameter parameter : transformer.layerConf().parameters()) {
          INDArray view = transformer.parameter(parameter.name());
          long begin = view.offset() - start;
          ranges.add(new Range(begin, begin + view.length(), parameter.decays()));
        }
      }
    }
    ranges.sort(Comparator.comparingLong(Range::begin));
    return ranges;
  }

  /** Where decay begins and ends, in turn; neighbours that both decay are one range. */
  private static long[] decaying(List<Range> ranges) {
    List<Long> bounds = new ArrayList<>();
    for (Range range : ranges) {
      if (!range.decays) {
        continue;
      }
      int last = bounds.size() - 1;
      if (last > 0 && bounds.get(last) == range.begin) {
        bounds.set(last, range.end);
      } else {
        bounds.add(range.begin);
        bounds.add(range.end);
      }
    }
    return bounds.stream().mapToLong(Long::longValue).toArray();
  }
}
