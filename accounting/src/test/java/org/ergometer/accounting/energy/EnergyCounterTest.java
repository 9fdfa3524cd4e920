package org.ergometer.accounting.energy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EnergyCounterTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long TENTH = SECOND / 10;

  /** The range of a package on many Intel processors. */
  private static final long RANGE = 262_143_328_850L;

  private final EnergyCounter counter = new EnergyCounter(RANGE);

  @Test
  void theFirstLookOnlyBegins() {
    assertThat(counter.next(5_000_000, 0)).isEqualTo(new EnergyReading.Pending());
    assertThat(counter.next(15_000_000, TENTH))
        .isEqualTo(new EnergyReading.Measured(10_000_000, 0, TENTH));
  }

  /** From 1 000 below the range to 500 above 0: 1 500 microjoules. */
  @Test
  void goesRoundExactly() {
    counter.next(RANGE - 1000, 0);

    assertThat(counter.next(500, TENTH)).isEqualTo(new EnergyReading.Measured(1500, 0, TENTH));
    assertThat(counter.next(700, 2 * TENTH))
        .isEqualTo(new EnergyReading.Measured(200, TENTH, 2 * TENTH));
  }

  /** Back to 1 J from 100 000 J would be a wrap of 162 kJ in a tenth of a second: 1.6 MW. */
  @Test
  void takesNoResetForAWrap() {
    counter.next(100_000_000_000L, 0);

    assertThat(counter.next(1_000_000, TENTH))
        .isEqualTo(new EnergyReading.Unavailable(DropReason.IMPLAUSIBLE));
    assertThat(counter.next(3_000_000, 2 * TENTH))
        .isEqualTo(new EnergyReading.Measured(2_000_000, TENTH, 2 * TENTH));
  }

  @Test
  void takesNoJumpForEnergy() {
    counter.next(0, 0);

    // 5 000 W for a tenth of a second are 500 J, and no more
    assertThat(counter.next(500_000_001, TENTH))
        .isEqualTo(new EnergyReading.Unavailable(DropReason.IMPLAUSIBLE));
    assertThat(counter.next(1_000_000_001, 2 * TENTH))
        .isEqualTo(new EnergyReading.Measured(500_000_000, TENTH, 2 * TENTH));
  }

  @Test
  void aStallIsNoZero() {
    counter.next(1_000_000, 0);

    assertThat(counter.next(1_000_000, SECOND)).isEqualTo(new EnergyReading.Pending());
    assertThat(counter.next(1_000_000, 2 * SECOND))
        .isEqualTo(new EnergyReading.Unavailable(DropReason.STALLED));
    assertThat(counter.next(91_000_000, 3 * SECOND))
        .isEqualTo(new EnergyReading.Measured(90_000_000, 0, 3 * SECOND));
  }

  /** At 5 000 W the counter goes round in 52.4 s: what lies between two looks is ambiguous. */
  @Test
  void aHoleThatCouldHideAWrapIsDropped() {
    counter.next(0, 0);

    assertThat(counter.next(1_000_000, 52 * SECOND))
        .isEqualTo(new EnergyReading.Measured(1_000_000, 0, 52 * SECOND));
    assertThat(counter.next(2_000_000, 105 * SECOND))
        .isEqualTo(new EnergyReading.Unavailable(DropReason.GAP));
  }

  /** At 5 000 W, 1 kJ goes round in 0.2 s: a quarter of that; and 262 kJ in 52 s. */
  @Test
  void isLookedAtWellWithinTheTimeItGoesRoundIn() {
    assertThat(EnergyCounter.periodNanos(1_000_000_000)).isEqualTo(SECOND / 20);
    assertThat(EnergyCounter.periodNanos(RANGE)).isEqualTo(SECOND / 2);
    assertThat(EnergyCounter.periodNanos(1)).isEqualTo(SECOND / 200);
  }

  /** 100 W for 20 s are two rounds of 1 kJ. */
  @Test
  void aSmallRangeGoesRoundAgainAndAgain() {
    long range = 1_000_000_000;
    EnergyCounter small = new EnergyCounter(range);
    long period = EnergyCounter.periodNanos(range);
    long sum = 0;
    for (long nanos = 0; nanos <= 20 * SECOND; nanos += period) {
      if (small.next(nanos / 10 % range, nanos) instanceof EnergyReading.Measured gain) {
        sum += gain.microjoules();
      }
    }

    assertThat(sum).isEqualTo(2_000_000_000);
  }

  @Test
  void valuesOutsideTheRangeAreNone() {
    counter.next(0, 0);

    assertThat(counter.next(RANGE + 1, TENTH))
        .isEqualTo(new EnergyReading.Unavailable(DropReason.IMPLAUSIBLE));
    assertThat(counter.next(-1, TENTH))
        .isEqualTo(new EnergyReading.Unavailable(DropReason.IMPLAUSIBLE));
    assertThat(counter.next(1_000_000, 2 * TENTH))
        .isEqualTo(new EnergyReading.Measured(1_000_000, 0, 2 * TENTH));
  }

  /** 100 W rising to 300 W over half a second: 200 W × 0.5 s = 100 J. */
  @Test
  void powerIsIntegratedByTrapezoids() {
    PowerIntegral integral = new PowerIntegral();

    assertThat(integral.next(100e6, 0)).isEqualTo(new EnergyReading.Pending());
    assertThat(integral.next(300e6, SECOND / 2))
        .isEqualTo(new EnergyReading.Measured(100_000_000, 0, SECOND / 2));
    assertThat(integral.next(300e6, 2 * SECOND))
        .isEqualTo(new EnergyReading.Unavailable(DropReason.GAP));
  }

  /** 1 µW for 0.4 s, ten times: 4 microjoules, none of them lost to rounding. */
  @Test
  void whatIsBelowAMicrojouleIsKept() {
    PowerIntegral integral = new PowerIntegral();
    long sum = 0;
    for (int look = 0; look <= 10; look++) {
      if (integral.next(1, look * 4L * TENTH) instanceof EnergyReading.Gain gain) {
        sum += gain.microjoules();
      }
    }

    assertThat(sum).isEqualTo(4);
  }
}
