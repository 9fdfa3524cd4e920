package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.Activation;
import org.ergometer.accounting.predict.ElementwiseWork;
import org.ergometer.accounting.predict.Norm;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.predict.UpdateWork;
import org.ergometer.models.transformer.UpdateRule;
import org.ergometer.runtime.acceleration.Acceleration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is trained, and however it is interrupted, nothing that was counted is left without a
 * name: drawn configurations.
 */
class ResidualTest {

  private static final JsonMapper MAPPER = new JsonMapper();

  /** More of them, or others, by system properties: twenty take two minutes. */
  private static final long FIRST = Long.getLong("ergometer.residual.first", 0);

  private static final int CONFIGURATIONS = Integer.getInteger("ergometer.residual.count", 20);
  private static final String TEXT =
      "It is a far, far better thing that I do, than I have ever done; ";

  private final Path directory;

  /**
   * What is trained.
   *
   * @param keep last step of which a checkpoint is left, so that the rest is done again
   */
  private record Drawn(
      String model, int batch, int accumulate, int steps, int keep, String training) {

    String options() {
      return "%s --batch %s --accumulate %s --steps %s%s"
          .formatted(model, batch, accumulate, steps, training);
    }

    double clip() {
      return Double.parseDouble(after("--clip", "1"));
    }

    boolean scalesTheLoss() {
      return after("--precision", "float32").equals("mixed-float16");
    }

    /** FLOPs that the rule takes for a parameter are its own to say. */
    UpdateWork rule(TransformerShape shape) {
      UpdateRule rule =
          switch (after("--optimizer", "adamw")) {
            case "sgd" -> new UpdateRule.Momentum(0.9);
            case "lion" -> new UpdateRule.Lion(0.9, 0.99);
            case "adafactor" -> new UpdateRule.Adafactor();
            default -> new UpdateRule.Adam(0.9, 0.99, 1e-8);
          };
      return new UpdateWork(
          rule.flops(),
          Double.parseDouble(after("--weight-decay", "0.1")) > 0,
          scalesTheLoss(),
          training.contains("--average-decay"),
          rule.furtherFlops(shape));
    }

    private String after(String option, String otherwise) {
      List<String> words = List.of(training.split(" +"));
      int index = words.indexOf(option);
      return index < 0 ? otherwise : words.get(index + 1);
    }

    @Override
    public String toString() {
      return options() + ", again after step " + keep;
    }
  }

  ResidualTest(@TempDir Path directory) {
    this.directory = directory;
  }

  static Stream<Drawn> configurations() {
    return Stream.concat(
        Stream.of(
            new Drawn("--layers 1 --width 8 --heads 2 --context 131", 2, 1, 2, 1, ""),
            new Drawn("--layers 1 --width 8 --heads 2 --kv-heads 1 --context 128", 1, 2, 1, 0, "")),
        LongStream.range(FIRST, FIRST + CONFIGURATIONS).mapToObj(ResidualTest::draw));
  }

  /**
   * Odd and even sizes, one head and many, batch 1 and context 1 among them; one in four diverges,
   * and skips its steps from then on.
   */
  private static Drawn draw(long seed) {
    Random random = new Random(seed);
    int heads = 1 + random.nextInt(4);
    int width = heads * (1 + random.nextInt(9));
    String model =
        "--layers %s --width %s --heads %s --ffn %s --context %s%s%s%s"
            .formatted(
                1 + random.nextInt(3),
                width,
                heads,
                1 + random.nextInt(4 * width),
                seed % 10 == 9 ? 120 + random.nextInt(140) : 1 + random.nextInt(17),
                random.nextBoolean() ? " --bias" : "",
                random.nextBoolean() ? " --untied" : "",
                random.nextBoolean() ? " --vocabulary %s".formatted(64 + random.nextInt(64)) : "");
    model += family(random, heads);
    int steps = 1 + random.nextInt(4);
    String optimizer = List.of("adamw", "sgd", "lion", "adafactor").get(random.nextInt(4));
    boolean diverges = seed % 4 == 0;
    return new Drawn(
        model,
        1 + random.nextInt(4),
        1 + random.nextInt(3),
        steps,
        random.nextInt(steps + 1),
        " --optimizer %s --weight-decay %s --clip %s --eval-every %s%s%s%s%s%s"
            .formatted(
                optimizer,
                random.nextBoolean() ? "0.1" : "0",
                one(random, "0", "1e-3", "1", "2.5"),
                1 + random.nextInt(3),
                random.nextInt(3) == 0 ? " --patience 1" : "",
                seed % 3 == 0 ? " --dropout 0.2" : "",
                seed % 5 < 2 ? " --average-decay 0.9" : "",
                diverges ? " --learning-rate 1e38 --warmup 0 --divergence skip" : "",
                precision(seed)));
  }

  /** Every third multiplies 16-bit numbers where oneDNN can; some overflow for a scale too high. */
  private static String precision(long seed) {
    if (!(Acceleration.status() instanceof Acceleration.Status.On)) {
      return "";
    }
    return switch ((int) (seed % 9)) {
      case 1 -> " --precision mixed-bfloat16";
      case 4 -> " --precision mixed-float16 --loss-scale 2^10";
      case 7 -> " --precision mixed-float16 --loss-scale 2^40 --loss-scale-window 2";
      default -> "";
    };
  }

  /** What sets model families apart, each option in about half of the configurations. */
  private static String family(Random random, int heads) {
    String norm = one(random, "layernorm", "rmsnorm", "none");
    return " --activation %s --norm %s --positions %s --recompute %s --head-dim %s%s%s"
        .formatted(
            one(random, "gelu", "gelu_erf", "relu", "silu", "swiglu"),
            norm,
            one(random, "learned", "rope", "none"),
            one(random, "none", "full", "attention"),
            2 * (1 + random.nextInt(4)),
            random.nextBoolean() ? " --kv-heads %s".formatted(heads % 2 == 0 ? heads / 2 : 1) : "",
            !norm.equals("none") && random.nextBoolean() ? " --qk-norm" : "");
  }

  private static String one(Random random, String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void isZero(Drawn drawn) throws IOException {
    Path data = Files.writeString(directory.resolve("text.txt"), TEXT.repeat(42));
    Path run = directory.resolve("run");
    JsonNode summary =
        train(
            "--no-metrics --peak 1e12 --strict-accounting --eval-batches 2"
                + " --save-every 1 --keep 100 --data %s --run %s %s"
                    .formatted(data, run, drawn.options()));

    assertNothingIsLeft(summary);
    assertElementwiseWorkIsPredicted(drawn, summary);
    assertWorkOnParametersIsPredicted(run, drawn, summary);
    assertWhatIsKeptIsPredicted(run, drawn, summary);

    forgetAfter(drawn.keep, run);
    JsonNode again = train("--resume --run " + run);

    assertNothingIsLeft(again);
    if (drawn.keep < summary.path("steps").asInt()) {
      assertThat(causes(again).getOrDefault("redone", BigInteger.ZERO)).isPositive();
    }
  }

  private static void assertNothingIsLeft(JsonNode summary) {
    JsonNode reconciliation = summary.path("reconciliation");
    assertThat(count(reconciliation, "residual")).isZero();
    assertThat(reconciliation.path("by_layer")).hasSizeGreaterThan(6);
    for (JsonNode row : reconciliation.path("by_layer")) {
      assertThat(count(row, "residual")).as(row.toString()).isZero();
    }
    BigInteger named = causes(summary).values().stream().reduce(BigInteger.ZERO, BigInteger::add);
    assertThat(count(reconciliation, "measured"))
        .isEqualTo(count(reconciliation, "predicted").add(named))
        .isEqualTo(count(summary.path("flops"), "total"));
  }

  /** Each batch of a step. Skipped steps are executed too. */
  private static void assertElementwiseWorkIsPredicted(Drawn drawn, JsonNode summary) {
    if (!summary.path("flops").path("ops").toString().contains("fused_cross_entropy")) {
      return; // without the fused ops the loss is composed, and costs more
    }
    TransformerShape shape = shape(summary.path("model"));
    ElementwiseWork batch =
        ElementwiseWork.trainingStep(shape, drawn.batch, shape.context(), Recompute.NONE);
    long steps = summary.path("steps").asLong();
    BigInteger batches = BigInteger.valueOf(steps * drawn.accumulate);
    if (drawn.training.contains("--dropout")) {
      batch = batch.plus(ElementwiseWork.dropout(shape, drawn.batch, shape.context()));
    }
    if (drawn.scalesTheLoss()) {
      batch = batch.withScaledLoss(shape, BigInteger.valueOf((long) drawn.batch * shape.context()));
    }
    assertThat(cause(summary, "elementwise", "forward"))
        .isEqualTo(batch.flops(Phase.FORWARD).multiply(batches));
    assertThat(cause(summary, "elementwise", "backward"))
        .isEqualTo(batch.flops(Phase.BACKWARD).multiply(batches));
  }

  /**
   * Of k batches k − 1 sums and a division for each parameter; a multiplication for each of a step
   * whose norm is above the limit; and the optimizer's own, of skipped steps the norm alone.
   */
  private static void assertWorkOnParametersIsPredicted(Path run, Drawn drawn, JsonNode summary)
      throws IOException {
    TransformerShape shape = shape(summary.path("model"));
    BigInteger parameters = BigInteger.valueOf(shape.parameters());
    long clipped = 0;
    long applied = 0;
    long steps = 0;
    for (String line : Files.readAllLines(run.resolve("log.jsonl"))) {
      JsonNode step = MAPPER.readTree(line);
      steps++;
      double norm = step.path("gradient_norm").asDouble(Double.NaN);
      if (Double.isFinite(norm) && !step.path("skipped").asBoolean()) {
        applied++;
        // where the loss is scaled, one multiplication undoes that and clips
        boolean apart = drawn.clip() > 0 && !drawn.scalesTheLoss();
        clipped += apart && norm > drawn.clip() ? 1 : 0;
      }
    }
    long accumulated = drawn.accumulate > 1 ? steps * drawn.accumulate : 0;
    assertThat(cause(summary, "accumulation", "backward"))
        .isEqualTo(parameters.multiply(BigInteger.valueOf(accumulated)));
    assertThat(cause(summary, "clipping", "update"))
        .isEqualTo(parameters.multiply(BigInteger.valueOf(clipped)));
    // s + g * g of the norm and its root
    BigInteger norms = parameters.shiftLeft(1).add(BigInteger.ONE);
    assertThat(cause(summary, "update", "update"))
        .isEqualTo(
            drawn
                .rule(shape)
                .flops(shape)
                .multiply(BigInteger.valueOf(applied))
                .add(norms.multiply(BigInteger.valueOf(steps - applied))));
  }

  private static void assertWhatIsKeptIsPredicted(Path run, Drawn drawn, JsonNode summary)
      throws IOException {
    if (!(Acceleration.status() instanceof Acceleration.Status.On)) {
      return; // composed ops keep more
    }
    CommandLineRun predicted =
        CommandLineRun.of("predict", "--json", "--config", run.resolve("config.yaml").toString());
    assertThat(predicted.exitCode()).as(predicted.err()).isZero();

    JsonNode memory = MAPPER.readTree(predicted.out()).path("memory");
    assertThat(memory.path("activations_basis").asText()).isEqualTo("exact");
    assertThat(count(memory, "activations_bytes"))
        .as(drawn.toString())
        .isEqualTo(count(summary.path("precision"), "activation_bytes"));
  }

  private static TransformerShape shape(JsonNode model) {
    int heads = model.path("heads").asInt();
    int headDim = model.path("head_dim").asInt();
    return TransformerShape.gpt2(
            model.path("layers").asInt(),
            heads * headDim,
            heads,
            model.path("vocabulary").asInt(),
            model.path("context").asInt())
        .toBuilder()
        .width(model.path("width").asInt())
        .keyValueHeads(model.path("kv_heads").asInt())
        .feedForward(model.path("ffn").asInt())
        .activation(Activation.valueOf(name(model, "activation")))
        .norm(Norm.valueOf(name(model, "norm")))
        .positions(Positions.valueOf(name(model, "positions")))
        .qkNorm(model.path("qk_norm").asBoolean())
        .tied(model.path("tied").asBoolean())
        .bias(model.path("bias").asBoolean())
        .build();
  }

  private static String name(JsonNode model, String key) {
    return model.path(key).asText().toUpperCase(Locale.ROOT);
  }

  /** Leaves the checkpoints until a step, as a process does that died soon after. */
  private static void forgetAfter(int step, Path run) throws IOException {
    for (int later = step + 1; later <= 4; later++) {
      Path checkpoint = run.resolve("checkpoints/step-" + later);
      if (Files.exists(checkpoint)) {
        try (Stream<Path> files = Files.walk(checkpoint)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
    }
  }

  private static Map<String, BigInteger> causes(JsonNode summary) {
    Map<String, BigInteger> causes = new HashMap<>();
    for (JsonNode cause : summary.path("reconciliation").path("causes")) {
      causes.merge(cause.path("cause").asText(), count(cause, "flops"), BigInteger::add);
    }
    return causes;
  }

  private static BigInteger cause(JsonNode summary, String name, String phase) {
    for (JsonNode cause : summary.path("reconciliation").path("causes")) {
      if (cause.path("cause").asText().equals(name) && cause.path("phase").asText().equals(phase)) {
        return count(cause, "flops");
      }
    }
    return BigInteger.ZERO;
  }

  private static JsonNode train(String options) throws IOException {
    CommandLineRun run = CommandLineRun.of(("train --json " + options).split(" +"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return MAPPER.readTree(run.out());
  }

  private static BigInteger count(JsonNode node, String key) {
    return new BigInteger(node.path(key).asText());
  }
}
