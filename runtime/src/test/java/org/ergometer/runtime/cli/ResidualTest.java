package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is trained, nothing that was counted is left without a name: drawn configurations. */
class ResidualTest {

  private static final int CONFIGURATIONS = 20;
  private static final String TEXT =
      "It is a far, far better thing that I do, than I have ever done; ";

  private final Path directory;

  ResidualTest(@TempDir Path directory) {
    this.directory = directory;
  }

  static Stream<String> configurations() {
    return Stream.concat(
        Stream.of(
            "--layers 1 --width 8 --heads 2 --context 131 --batch 2 --steps 2",
            "--layers 1 --width 8 --heads 2 --kv-heads 1 --context 128 --batch 1 --steps 1"),
        LongStream.range(0, CONFIGURATIONS).mapToObj(ResidualTest::draw));
  }

  /** Odd and even sizes, one head and many, batch 1 and context 1 among them. */
  private static String draw(long seed) {
    Random random = new Random(seed);
    int heads = 1 + random.nextInt(4);
    int width = heads * (1 + random.nextInt(9));
    String sizes =
        "--layers %d --width %d --heads %d --ffn %d --context %d --batch %d --steps %d%s%s%s"
            .formatted(
                1 + random.nextInt(3),
                width,
                heads,
                1 + random.nextInt(4 * width),
                1 + random.nextInt(17),
                1 + random.nextInt(4),
                1 + random.nextInt(3),
                random.nextBoolean() ? " --bias" : "",
                random.nextBoolean() ? " --untied" : "",
                random.nextBoolean() ? " --vocabulary %d".formatted(64 + random.nextInt(64)) : "");
    return sizes + family(random, heads);
  }

  /** What sets model families apart, each option in about half of the configurations. */
  private static String family(Random random, int heads) {
    String norm = one(random, "layernorm", "rmsnorm", "none");
    return " --activation %s --norm %s --positions %s --recompute %s --head-dim %d%s%s"
        .formatted(
            one(random, "gelu", "relu", "silu", "swiglu"),
            norm,
            one(random, "learned", "rope", "none"),
            one(random, "none", "full", "attention"),
            2 * (1 + random.nextInt(4)),
            random.nextBoolean() ? " --kv-heads %d".formatted(heads % 2 == 0 ? heads / 2 : 1) : "",
            !norm.equals("none") && random.nextBoolean() ? " --qk-norm" : "");
  }

  private static String one(Random random, String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void isZero(String configuration) throws IOException {
    Path data = Files.writeString(directory.resolve("text.txt"), TEXT.repeat(40));
    CommandLineRun run =
        CommandLineRun.of(
            ("train --json --no-metrics --peak 1e12 --strict-accounting --eval-every 2"
                    + " --eval-batches 2 --data %s --run %s %s")
                .formatted(data, directory.resolve("run"), configuration)
                .split(" "));
    assertThat(run.exitCode()).as(run.err()).isZero();

    JsonNode reconciliation = new JsonMapper().readTree(run.out()).path("reconciliation");
    assertThat(count(reconciliation, "residual")).isZero();
    assertThat(reconciliation.path("by_layer")).hasSizeGreaterThan(6);
    for (JsonNode row : reconciliation.path("by_layer")) {
      assertThat(count(row, "residual")).as(row.toString()).isZero();
    }
    BigInteger named = BigInteger.ZERO;
    for (JsonNode cause : reconciliation.path("causes")) {
      named = named.add(count(cause, "flops"));
    }
    assertThat(count(reconciliation, "measured"))
        .isEqualTo(count(reconciliation, "predicted").add(named))
        .isEqualTo(new BigInteger(total(run)));
  }

  private static String total(CommandLineRun run) throws IOException {
    return new JsonMapper().readTree(run.out()).path("flops").path("total").asText();
  }

  private static BigInteger count(JsonNode node, String key) {
    return new BigInteger(node.path(key).asText());
  }
}
