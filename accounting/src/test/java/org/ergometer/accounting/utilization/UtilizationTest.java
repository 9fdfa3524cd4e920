package org.ergometer.accounting.utilization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published utilizations, each to the digits it is printed with. */
class UtilizationTest {

  private static final Peak A100 = new Peak(312e12, MatrixType.BFLOAT16, Peak.Origin.TABLE, "A100");

  /**
   * Chowdhery et al. 2022 (PaLM), section 4.1: 540.35 G parameters, 118 layers, 48 heads of 256,
   * 2048 tokens; 238.3 k tokens/s on 6144 TPU v4; 75 % of the forward pass without attention and
   * all of attention are recomputed. Printed: MFU 46.2 %, 45.7 % without attention, HFU 57.8 %.
   */
  @Test
  void palm() {
    double parameters = 540.35e9;
    double attention = 12.0 * 118 * 48 * 256 * 2048;
    double recomputed = 0.75 * 2 * parameters + attention / 3;
    Peak peak = new Peak(275e12, MatrixType.BFLOAT16, Peak.Origin.TABLE, "TPU v4");

    Utilization palm =
        Utilization.of(238.3e3, new TokenWork(6 * parameters, attention, recomputed), 6144, peak);

    assertThat(palm.mfu()).isCloseTo(0.462, within(0.0005));
    assertThat(palm.mfuWithoutAttention()).isCloseTo(0.457, within(0.0005));
    assertThat(palm.hfu()).isCloseTo(0.578, within(0.0005));
    assertThat(palm.impossible()).isFalse();
  }

  /**
   * Chowdhery et al. 2022, appendix B, on MT-NLG: 530 G parameters, 105 layers of width 20480, 1920
   * sequences of 2048 tokens in 60.1 s on 2240 A100: 29.7 % without attention, 30.2 % with it.
   */
  @Test
  void megatronTuring() {
    double attention = 12.0 * 105 * 20480 * 2048;

    Utilization utilization =
        Utilization.of(1920 * 2048 / 60.1, new TokenWork(6 * 530e9, attention, 0), 2240, A100);

    assertThat(utilization.mfuWithoutAttention()).isCloseTo(0.297, within(0.001));
    assertThat(utilization.mfu()).isCloseTo(0.302, within(0.001));
    assertThat(utilization.hfu()).isEqualTo(utilization.mfu());
  }

  @ParameterizedTest
  @CsvSource({
    "v100, float16, 125",
    "v100, float32, 15.7",
    "t4, float16, 65",
    "a100, bfloat16, 312",
    "a100, tf32, 156",
    "a100, float32, 19.5",
    "l4, bfloat16, 121",
    "h100, bfloat16, 989",
    "h200, float16, 989",
    "rtx-3090, float16, 71.2",
    "rtx-4090, bfloat16, 165.2",
    "tpu-v3, bfloat16, 123",
    "tpu-v4, bfloat16, 275",
    "mi250x, bfloat16, 383",
    "mi250x-gcd, bfloat16, 191.5",
    "NVIDIA A100-SXM4-80GB, bf16, 312",
    "Tesla V100-SXM2-16GB, fp16, 125",
    "NVIDIA H100 80GB HBM3, bf16, 989",
    "NVIDIA GeForce RTX 3090, fp16, 71.2",
  })
  void peaksAreDense(String device, String type, double teraFlops) {
    assertThat(
            Device.named(device)
                .orElseThrow()
                .peak(MatrixType.named(type).orElseThrow())
                .orElseThrow())
        .isCloseTo(teraFlops * 1e12, within(1e6));
  }

  @ParameterizedTest
  @CsvSource({"v100, bfloat16", "t4, bfloat16", "v100, tf32", "a100, float8", "tpu-v4, float16"})
  void whatADeviceHasNotIsUnknown(String device, String type) {
    assertThat(Device.named(device).orElseThrow().peak(MatrixType.named(type).orElseThrow()))
        .isEmpty();
    assertThat(Device.named("a1000")).isEmpty();
    assertThat(MatrixType.named("float12")).isEmpty();
  }

  @Test
  void tableIsConsistent() {
    assertThat(Device.all().stream().flatMap(d -> d.otherNames().stream()))
        .doesNotHaveDuplicates()
        .doesNotContainAnyElementsOf(Device.allNames());
    assertThat(Device.allNames()).doesNotHaveDuplicates();
    assertThat(Device.all())
        .allSatisfy(
            device -> {
              assertThat(device.peak(device.trainingType())).isPresent();
              assertThat(device.source()).containsPattern("20\\d\\d|AWS Neuron");
            });
    assertThat(Device.named("t4").orElseThrow().trainingType()).isEqualTo(MatrixType.FLOAT16);
  }

  /** 400 W by 312e12 FLOP/s; 2.1e25 FLOP of it are 7479 MWh. */
  @Test
  void leastEnergyOfAFlop() {
    Device a100 = Device.named("a100").orElseThrow();
    double joules = a100.leastJoulesPerFlop(MatrixType.BFLOAT16).orElseThrow();

    assertThat(joules).isCloseTo(400 / 312e12, within(1e-18));
    assertThat(2.1e25 * joules / 3.6e9).isCloseTo(7479, within(0.5));
    assertThat(a100.fastestType()).isEqualTo(MatrixType.FLOAT16);
    assertThat(Device.named("tpu-v5e").orElseThrow().leastJoulesPerFlop(MatrixType.BFLOAT16))
        .isEmpty();
    Device best = Device.mostEfficient();
    assertThat(best.leastJoulesPerFlop(best.fastestType()).orElseThrow()).isLessThan(joules);
  }

  /** What is said of GPT-4: 2.1e25 FLOP on A100, once with 3600 MWh and once with 42 400. */
  @Test
  void claimsThatPhysicsForbidsAreFound() {
    OptionalDouble least = OptionalDouble.of(400 / 312e12);

    assertThat(new ComputeClaim(2.1e25, 3600 * 3.6e9, null).contradictions("a100", 312e12, least))
        .singleElement()
        .asString()
        .contains("take at least 7,479 MWh there, 3,600 are claimed");
    assertThat(new ComputeClaim(2.1e25, 42_400 * 3.6e9, null).contradictions("a100", 312e12, least))
        .isEmpty();
    // 25 000 devices for 95 days are 57 million device-hours, a third of 312e12 FLOP/s
    ComputeClaim months = new ComputeClaim(2.1e25, null, 25_000 * 95 * 24.0);
    assertThat(months.utilization(312e12).orElseThrow()).isCloseTo(0.328, within(0.0005));
    assertThat(months.contradictions("a100", 312e12, least)).isEmpty();
    assertThat(new ComputeClaim(2.1e25, null, 10e6).contradictions("a100", 312e12, least))
        .singleElement()
        .asString()
        .contains("1.870 times the dense peak of a100");
  }

  /** A100 with 80 GB: 312e12 FLOP/s by 2039e9 B/s meet at 153 FLOPs a byte. */
  @Test
  void roofline() {
    Roofline roofline = new Roofline(312e12, 2039e9);

    assertThat(roofline.ridge()).isCloseTo(153.0, within(0.05));
    assertThat(roofline.attainable(10)).isEqualTo(2039e10);
    assertThat(roofline.memoryBound(10)).isTrue();
    assertThat(roofline.attainable(1000)).isEqualTo(312e12);
    assertThat(roofline.memoryBound(1000)).isFalse();
    // n by n times n by n in float32: 2·n³ FLOPs, 3·4·n² bytes
    assertThat(Roofline.intensity(2.0 * 512 * 512 * 512, 12.0 * 512 * 512)).isEqualTo(512 / 6.0);
  }

  @Test
  void moreThanThePeakIsImpossible() {
    assertThat(Utilization.of(1e6, new TokenWork(1e9, 0, 0), 1, Peak.user(9e14)).impossible())
        .isTrue();
  }

  @Test
  void wrongNumbersSayRuleAndRemedy() {
    TokenWork work = new TokenWork(1, 0, 0);
    assertThatThrownBy(() -> Peak.user(Double.NaN))
        .hasMessage("peak must be > 0 FLOP/s of one device, got NaN; set --peak, such as 312e12");
    assertThatThrownBy(() -> Utilization.of(0, work, 1, A100))
        .hasMessage("tokens-per-second must be > 0, got 0.0; set --tokens-per-second");
    assertThatThrownBy(() -> Utilization.of(1, work, -1, A100))
        .hasMessage("devices must be > 0, got -1.0; set --devices");
    assertThatThrownBy(() -> new TokenWork(1, 0, Double.NaN))
        .hasMessageContaining("recompute-flops-per-token must be >= 0, got NaN");
  }
}
