package org.ergometer.runtime.benchmark;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.ergometer.accounting.flops.OpCost;
import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.op.TensorSpec;

/**
 * Times the ops of training steps, those of one shape together. An op's time is that since the op
 * before it ended, so that what Java does to prepare an op is the op's, and all ops together are
 * the step but for what follows its last.
 */
public final class OpBenchmark {

  private static final double NANOS_PER_SECOND = 1e9;
  private static final int HASH_FACTOR = 31;

  private final Runnable step;
  private final Map<Key, Times> times = new HashMap<>();
  private int steps;
  private int number;
  private long last;

  private record Key(Phase phase, OpRule rule, long hashOfShapes) {}

  /** Of one op and shape, step by step. */
  private static final class Times {
    final String shapes;
    final double[] seconds;
    int executions;
    double flops;
    double bytes;

    Times(String shapes, int steps) {
      this.shapes = shapes;
      this.seconds = new double[steps];
    }

    void add(OpCost cost) {
      executions++;
      flops += cost.flops();
      bytes += cost.bytesRead() + cost.bytesWritten();
    }
  }

  /**
   * An op of one phase and shape.
   *
   * @param shapes of the first two inputs, such as {@code [768, 128] [128, 512]}
   * @param executions in a step
   * @param seconds in a step, of all executions together; the median of the steps
   * @param flops in a step
   * @param bytes read and written in a step
   */
  public record OpTime(
      Phase phase,
      String name,
      String shapes,
      double executions,
      double seconds,
      double flops,
      double bytes) {}

  /** Steps of a training. */
  public OpBenchmark(Runnable step) {
    this.step = step;
  }

  /** Does so many steps on the calling thread; the op that takes longest comes first. */
  public List<OpTime> run(Accounting accounting, int count) {
    times.clear();
    steps = count;
    accounting.watch(this::executed);
    try {
      for (number = 0; number < steps; number++) {
        last = System.nanoTime();
        step.run();
      }
    } finally {
      accounting.watch(null);
    }
    List<OpTime> result = new ArrayList<>();
    times.forEach((key, of) -> result.add(time(key, of)));
    result.removeIf(time -> time.seconds() == 0); // of few steps only
    result.sort(Comparator.comparingDouble(OpTime::seconds).reversed());
    return result;
  }

  private void executed(Scope scope, OpRule rule, OpDescriptor op) {
    long now = System.nanoTime();
    Key key = new Key(scope.phase(), rule, hashOfShapes(op));
    Times of = times.computeIfAbsent(key, absent -> new Times(shapes(op), steps));
    of.seconds[number] += (now - last) / NANOS_PER_SECOND;
    of.add(rule.cost(op)); // arguments may differ where shapes do not
    last = System.nanoTime();
  }

  private OpTime time(Key key, Times of) {
    return new OpTime(
        key.phase,
        key.rule.name(),
        of.shapes,
        (double) of.executions / steps,
        Quartiles.of(of.seconds).median(),
        of.flops / steps,
        of.bytes / steps);
  }

  private static long hashOfShapes(OpDescriptor op) {
    long hash = 1;
    for (int input = 0; input < op.inputCount(); input++) {
      TensorSpec tensor = op.input(input);
      hash = HASH_FACTOR * hash + tensor.rank();
      for (int dimension = 0; dimension < tensor.rank(); dimension++) {
        hash = HASH_FACTOR * hash + tensor.size(dimension);
      }
    }
    return hash;
  }

  private static String shapes(OpDescriptor op) {
    return LongStream.range(0, Math.min(2, op.inputCount()))
        .mapToObj(input -> shape(op.input((int) input)))
        .collect(Collectors.joining(" "));
  }

  private static String shape(TensorSpec tensor) {
    return LongStream.range(0, tensor.rank())
        .mapToObj(dimension -> String.valueOf(tensor.size((int) dimension)))
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
