package org.ergometer.accounting.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PhaseSharesTest {

  private static final long MILLI = 1_000_000L;

  @Test
  void oneAndTheSameMixtureIsDividedByTime() {
    PhaseShares shares = new PhaseShares(3);
    for (int interval = 0; interval < 50; interval++) {
      shares.add(10_000_000, 100 * MILLI, new long[] {30 * MILLI, 60 * MILLI, 10 * MILLI});
    }

    // 500 J by 30, 60 and 10 %, each of the 50 divisions to the microjoule
    assertThat(shares.microjoules()[0]).isCloseTo(150_000_000, within(50L));
    assertThat(shares.microjoules()[1]).isCloseTo(300_000_000, within(100L));
    assertThat(shares.microjoules()[2]).isCloseTo(50_000_000, within(50L));
    // and nothing says that the phases do not differ: the smallest may be off by all of itself
    assertThat(shares.deviationJoules()[2]).isGreaterThan(25);
  }

  /** Steps of 130 ms at 30, 80 and 20 W; looked at every 80 ms, which no phase is as long as. */
  @Test
  void phasesShorterThanTheIntervalAreToldApart() {
    double[] watts = {30, 80, 20};
    long[] length = {40 * MILLI, 75 * MILLI, 15 * MILLI};
    PhaseShares shares = new PhaseShares(3);
    double[] truth = new double[3];
    Random noise = new Random(7);
    long position = 0;
    long total = 0;
    for (int interval = 0; interval < 2000; interval++) {
      long[] inPhase = new long[3];
      for (long done = 0; done < 80 * MILLI; ) {
        long inStep = (position + done) % (130 * MILLI);
        int phase = inStep < length[0] ? 0 : inStep < length[0] + length[1] ? 1 : 2;
        long end = phase == 0 ? length[0] : phase == 1 ? length[0] + length[1] : 130 * MILLI;
        long part = Math.min(80 * MILLI - done, end - inStep);
        inPhase[phase] += part;
        done += part;
      }
      position += 80 * MILLI;
      double joules = 0;
      for (int phase = 0; phase < 3; phase++) {
        truth[phase] += watts[phase] * inPhase[phase] / 1e9;
        joules += watts[phase] * inPhase[phase] / 1e9;
      }
      long gained = Math.round(1e6 * joules * (1 + 0.02 * noise.nextGaussian()));
      total += gained;
      shares.add(gained, 80 * MILLI, inPhase);
    }

    double[] deviation = shares.deviationJoules();
    assertThat(Arrays.stream(shares.microjoules()).sum()).isEqualTo(total);
    for (int phase = 0; phase < 3; phase++) {
      double joules = shares.microjoules()[phase] / 1e6;
      assertThat(joules).isCloseTo(truth[phase], within(0.02 * truth[phase]));
      assertThat(Math.abs(joules - truth[phase])).isLessThan(4 * deviation[phase]);
      assertThat(deviation[phase]).isLessThan(0.02 * truth[phase]);
    }
  }

  /** 43 J of a second, which was over a tenth of a second ago when the phases were looked at. */
  @Test
  void joulesAreOfTheTimeThatTheirSamplesLieApart() {
    PhaseShares shares = new PhaseShares(2);
    shares.add(43_000_000, 1000 * MILLI, new long[] {275 * MILLI, 825 * MILLI});

    assertThat(shares.seconds()).containsExactly(0.25, 0.75);
  }

  /** Whatever the numbers are, not a microjoule is lost or made. */
  @Test
  void thePartsAreTheWhole() {
    Random random = new Random(11);
    PhaseShares shares = new PhaseShares(7);
    long total = 0;
    for (int interval = 0; interval < 3000; interval++) {
      long[] nanos = random.longs(7, 0, 30 * MILLI).toArray();
      nanos[interval % 7] = 0;
      if (interval % 50 == 0) {
        Arrays.fill(nanos, 0); // a clock that stood still
      }
      long gained = random.nextLong(0, 1L << random.nextInt(1, 45));
      total += gained;
      shares.add(gained, 70 * MILLI, nanos);

      assertThat(Arrays.stream(shares.microjoules()).sum()).isEqualTo(total);
    }
    assertThat(Arrays.stream(shares.microjoules())).allMatch(share -> share >= 0);
    assertThat(Arrays.stream(shares.deviationJoules())).allMatch(Double::isFinite);
  }
}
