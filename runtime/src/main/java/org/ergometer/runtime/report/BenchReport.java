package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.accounting.utilization.Utilization;
import org.ergometer.runtime.benchmark.MemoryBandwidth;
import org.ergometer.runtime.benchmark.NeighbourBenchmark;
import org.ergometer.runtime.benchmark.OpBenchmark.OpTime;
import org.ergometer.runtime.benchmark.ProductBenchmark.Product;
import org.ergometer.runtime.benchmark.Quartiles;
import org.ergometer.runtime.benchmark.SamplingBenchmark;
import org.ergometer.runtime.benchmark.StepBenchmark;
import org.ergometer.runtime.peak.DatedPeak;

/** What {@code bench} measured, as JSON, schema {@code ergometer.bench/1}, and as text. */
public final class BenchReport {

  private static final int DEVICES = 1;
  private static final double GIGA = 1e9;
  private static final double MILLI = 1e3;
  private static final double MICRO = 1e6;
  private static final double LEAST_SHARE = 0.005;

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final StringBuilder text = new StringBuilder();
  private final Peak machine;
  private final double peak;

  /**
   * A peak of this machine.
   *
   * @param best of all measurements
   * @param now FLOP/s that were measured for this report
   */
  public record PeakNow(DatedPeak best, double now) {}

  /**
   * Begins with the machine.
   *
   * @param peaks the first of them that of float32
   */
  public BenchReport(Map<String, String> environment, List<PeakNow> peaks, MemoryBandwidth memory) {
    machine = peaks.get(0).best().peak();
    peak = machine.flopsPerSecond();
    json.put("schema", "ergometer.bench/1");
    ArrayNode list = json.putArray("peaks");
    peaks.forEach(each -> addPeak(list, each));
    json.putObject("memory_bandwidth")
        .put("copy_bytes_per_second", memory.copy())
        .put("triad_bytes_per_second", memory.triad())
        .put("method", "java_threads");
    line("memory, copy", "%8.1f GB/s, plain Java on all cores", memory.copy() / GIGA);
    line("memory, triad", "%8.1f GB/s", memory.triad() / GIGA);
    ObjectNode facts = json.putObject("environment");
    environment.forEach(facts::put);
  }

  /** What a machine that is busy now reaches is said beside what it reached before. */
  private void addPeak(ArrayNode list, PeakNow measured) {
    Peak best = measured.best().peak();
    LocalDate day = measured.best().measured();
    String type = best.type() == null ? "" : best.type().label();
    ObjectNode node =
        list.addObject().put("dtype", type).put("flops_per_second", best.flopsPerSecond());
    if (day != null) {
      node.put("measured", day.toString());
    }
    node.put("now_flops_per_second", measured.now());
    String since =
        measured.now() < best.flopsPerSecond()
            ? String.format(
                Locale.ROOT,
                ", measured %s; now %.1f",
                day == null ? "before" : "on " + day,
                measured.now() / GIGA)
            : "";
    line("peak " + type, "%8.1f GFLOP/s%s", best.flopsPerSecond() / GIGA, since);
  }

  /** Adds what looking at energy meters costs; nothing where the system does not tell. */
  public void addSampling(SamplingBenchmark sampling) {
    if (Double.isFinite(sampling.coreShare())) {
      json.putObject("energy_sampling")
          .put("domains", sampling.domains())
          .put("core_ratio", sampling.coreShare());
      line(
          "energy sampling",
          "%8.4f %% of a core, domains looked at: %d",
          100 * sampling.coreShare(),
          sampling.domains());
    }
  }

  /** Adds products that were timed alone. */
  public void addProducts(List<Product> products) {
    text.append('\n');
    ArrayNode list = json.putArray("products");
    for (Product product : products) {
      double rate = product.flops() / product.seconds();
      list.addObject()
          .put("op", product.name())
          .put("m", product.m())
          .put("k", product.k())
          .put("n", product.n())
          .put("seconds", product.seconds())
          .put("flops_per_second", rate)
          .put("bytes_per_second", product.bytes() / product.seconds())
          .put("of_peak", rate / peak);
      line(
          product.name(),
          "%8.3f ms  %8.1f GFLOP/s  %5.1f %% of peak  %6.1f GB/s  [%d, %d] by [%d, %d]",
          product.seconds() * MILLI,
          rate / GIGA,
          100 * rate / peak,
          product.bytes() / product.seconds() / GIGA,
          product.m(),
          product.k(),
          product.k(),
          product.n());
    }
  }

  /**
   * Adds training steps.
   *
   * @param sequences of one step
   */
  public void addSteps(TransformerShape shape, long sequences, StepBenchmark.Result steps) {
    json.set("model", ModelJson.of(shape));
    double seconds = steps.seconds().median();
    double tokens = (double) sequences * shape.context();
    double mfu = Utilization.of(tokens / seconds, ModelWork.of(shape, 0), DEVICES, machine).mfu();
    ObjectNode step = json.putObject("step");
    step.put("pairs", steps.pairs());
    put(step, "seconds", steps.seconds());
    step.put("tokens_per_second", tokens / seconds);
    step.put("mfu", mfu);
    text.append('\n');
    line(
        "step",
        "%8.2f ms (quartiles %.2f to %.2f)  %.0f tokens/s  MFU %.1f %% of the float32 peak",
        seconds * MILLI,
        steps.seconds().lower() * MILLI,
        steps.seconds().upper() * MILLI,
        tokens / seconds,
        100 * mfu);
    ObjectNode phases = step.putObject("phases");
    for (Phase phase : Phase.values()) {
      Double median = steps.phaseSeconds().get(phase);
      if (median != null && phase != Phase.OTHER) {
        addPhase(phases, phase, median, steps);
      }
    }
    ObjectNode overhead = json.putObject("overhead");
    put(overhead, "ratio", steps.overhead());
    put(overhead, "paused_seconds", steps.pausedSeconds());
    line(
        "accounting",
        "%8.2f %% of a step (quartiles %.2f to %.2f, %d pairs)",
        100 * steps.overhead().median(),
        100 * steps.overhead().lower(),
        100 * steps.overhead().upper(),
        steps.pairs());
  }

  private void addPhase(
      ObjectNode phases, Phase phase, double seconds, StepBenchmark.Result steps) {
    LedgerSnapshot work = steps.work().where(entry -> entry.phase() == phase);
    double all = seconds * steps.pairs();
    double rate = work.flops().doubleValue() / all;
    double bytes = work.bytesRead().add(work.bytesWritten()).doubleValue() / all;
    String name = phase.name().toLowerCase(Locale.ROOT);
    phases
        .putObject(name)
        .put("seconds", seconds)
        .put("flops_per_second", rate)
        .put("bytes_per_second", bytes)
        .put("of_peak", rate / peak);
    line(
        "  " + name,
        "%8.2f ms  %8.1f GFLOP/s  %5.1f %% of peak  %6.1f GB/s",
        seconds * MILLI,
        rate / GIGA,
        100 * rate / peak,
        bytes / GIGA);
  }

  /** Adds the ops of a step, those that take longest first; the text leaves out the least. */
  public void addOps(List<OpTime> ops) {
    double all = ops.stream().mapToDouble(OpTime::seconds).sum();
    ArrayNode list = json.putArray("ops");
    text.append("\nop, from the end of the op before it\n");
    for (OpTime op : ops) {
      String phase = op.phase().label();
      list.addObject()
          .put("op", op.name())
          .put("phase", phase)
          .put("shapes", op.shapes())
          .put("executions", op.executions())
          .put("seconds", op.seconds())
          .put("share", op.seconds() / all)
          .put("flops_per_second", op.flops() / op.seconds())
          .put("bytes_per_second", op.bytes() / op.seconds());
      if (op.seconds() / all >= LEAST_SHARE) {
        text.append(
            String.format(
                Locale.ROOT,
                "  %-8s  %-22s %4.0f of %8.1f us  %4.1f %%  %6.1f GFLOP/s  %5.1f GB/s  %s%n",
                phase,
                op.name(),
                op.executions(),
                op.seconds() / op.executions() * MICRO,
                100 * op.seconds() / all,
                op.flops() / op.seconds() / GIGA,
                op.bytes() / op.seconds() / GIGA,
                op.shapes()));
      }
    }
  }

  /** Adds steps next to busy processes. */
  public void addNeighbours(NeighbourBenchmark.Result steps) {
    ObjectNode node = json.putObject("neighbours").put("processes", steps.neighbours());
    put(node, "seconds", steps.busy());
    put(node, "quiet_seconds", steps.quiet());
    node.put("ratio", steps.ratio());
    line(
        "neighbours",
        "%8.2f ms next to %d busy processes (quartiles %.2f to %.2f), %.2f ms without: %.2f times",
        steps.busy().median() * MILLI,
        steps.neighbours(),
        steps.busy().lower() * MILLI,
        steps.busy().upper() * MILLI,
        steps.quiet().median() * MILLI,
        steps.ratio());
  }

  private static void put(ObjectNode node, String name, Quartiles values) {
    node.put(name, values.median());
    node.put(name + "_lower_quartile", values.lower());
    node.put(name + "_upper_quartile", values.upper());
  }

  /** One JSON object over several lines, with a line end. */
  public String json() {
    return json.toPrettyString() + "\n";
  }

  /** A line for each figure. */
  public String text() {
    return text.toString();
  }

  private void line(String name, String format, Object... values) {
    text.append(String.format(Locale.ROOT, "%-15s", name))
        .append(String.format(Locale.ROOT, format, values))
        .append('\n');
  }
}
