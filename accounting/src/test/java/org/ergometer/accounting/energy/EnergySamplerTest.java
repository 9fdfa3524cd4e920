package org.ergometer.accounting.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnergySamplerTest {

  private static final long TENTH = 100_000_000L;
  private static final EnergyDomain PACKAGE =
      new EnergyDomain("cpu-0", "package-0", EnergyMethod.RAPL, "a processor");

  private long now;
  private final PhaseClock clock =
      new PhaseClock(List.of("idle", "forward", "backward"), () -> now);

  /** Gives the readings it was made with, one after the other. */
  private static class ScriptedMeter implements EnergyMeter {

    private final Deque<EnergyReading> script;
    private boolean closed;

    ScriptedMeter(EnergyReading... script) {
      this.script = new ArrayDeque<>(Arrays.asList(script));
    }

    @Override
    public List<EnergyDomain> domains() {
      return List.of(PACKAGE);
    }

    @Override
    public List<EnergyReading> read() {
      return List.of(script.remove());
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static EnergyReading joules(long joules, long fromTenths, long toTenths) {
    return new EnergyReading.Measured(joules * 1_000_000, fromTenths * TENTH, toTenths * TENTH);
  }

  private static EnergyReading dropped(DropReason reason) {
    return new EnergyReading.Unavailable(reason);
  }

  private void passTenths(int tenths, String phase) {
    clock.switchTo(phase);
    now += tenths * TENTH;
  }

  @Test
  void energyBelongsToThePhaseItWasDrawnIn() {
    ScriptedMeter meter =
        new ScriptedMeter(new EnergyReading.Pending(), joules(3, 0, 1), joules(8, 1, 2));
    EnergySampler sampler = EnergySampler.byHand(List.of(meter), clock);
    passTenths(1, "idle");
    sampler.sample();
    passTenths(1, "forward");
    sampler.sample();

    EnergySnapshot energy = sampler.snapshot();
    assertThat(energy.microjoulesByPhase(phase -> true))
        .containsExactly(entry("idle", 3_000_000L), entry("forward", 8_000_000L));
    assertThat(energy.watts("idle")).hasValue(30);
    assertThat(energy.watts("backward")).isEmpty();
    assertThat(energy.joules(phase -> !phase.equals("idle"))).hasValue(8);
    assertThat(energy.coverage()).isEqualTo(1);
    assertThat(energy.method()).isEqualTo("rapl");
  }

  /** One look is late, one is missing, and then two are. */
  @Test
  void aMeterThatIsLookedAtSeldomIsCoveredAllTheSame() {
    ScriptedMeter meter =
        new ScriptedMeter(
            new EnergyReading.Pending(), joules(9, 0, 11), joules(9, 11, 32), joules(9, 32, 62)) {
          @Override
          public long periodNanos() {
            return 10 * TENTH;
          }
        };
    EnergySampler sampler = EnergySampler.byHand(List.of(meter), clock);
    for (int tenths : new int[] {11, 21, 30}) {
      passTenths(tenths, "forward");
      sampler.sample();
    }

    assertThat(sampler.snapshot().coverage()).isCloseTo(32.0 / 62, within(1e-12));
    assertThat(sampler.snapshot().joules(phase -> true)).hasValue(27);
  }

  /** Ten tenths of a second, of which four are without samples: they are no zeros. */
  @Test
  void droppedSamplesLowerTheCoverageAndNothingElse() {
    ScriptedMeter meter =
        new ScriptedMeter(
            new EnergyReading.Pending(),
            joules(5, 0, 4),
            dropped(DropReason.UNREADABLE),
            dropped(DropReason.IMPLAUSIBLE),
            joules(5, 8, 10));
    EnergySampler sampler = EnergySampler.byHand(List.of(meter), clock);
    passTenths(4, "forward");
    sampler.sample();
    passTenths(2, "forward");
    sampler.sample();
    passTenths(2, "forward");
    sampler.sample();
    passTenths(2, "forward");
    sampler.sample();

    EnergySnapshot energy = sampler.snapshot();
    assertThat(energy.coverage()).isCloseTo(0.6, within(1e-12));
    assertThat(energy.joules(phase -> true)).hasValue(10);
    // 10 J in the 0.6 s that they were drawn in
    assertThat(energy.watts("forward").orElseThrow()).isCloseTo(10 / 0.6, within(1e-9));
    assertThat(energy.dropped())
        .containsExactly(entry(DropReason.UNREADABLE, 1L), entry(DropReason.IMPLAUSIBLE, 1L));
  }

  @Test
  void withoutASingleSampleNothingIsKnown() {
    ScriptedMeter meter =
        new ScriptedMeter(dropped(DropReason.UNREADABLE), dropped(DropReason.UNREADABLE));
    EnergySampler sampler = EnergySampler.byHand(List.of(meter), clock);
    passTenths(1, "forward");
    sampler.sample();

    EnergySnapshot energy = sampler.snapshot();
    assertThat(energy.known()).isFalse();
    assertThat(energy.joules(phase -> true)).isEmpty();
    assertThat(energy.method()).isEmpty();
    assertThat(energy.watts("forward")).isEmpty();
  }

  @Test
  void aMeterThatFailsIsADroppedSample() {
    ScriptedMeter meter = new ScriptedMeter(new EnergyReading.Pending()); // then it throws
    EnergySampler sampler = EnergySampler.byHand(List.of(meter), clock);
    passTenths(1, "forward");
    sampler.sample();

    assertThat(sampler.snapshot().dropped()).containsEntry(DropReason.UNREADABLE, 1L);
  }

  @Test
  void theThreadLooksAgainAndAgainAndEnds() throws InterruptedException {
    EnergyMeter meter =
        new EnergyMeter() {
          private final EnergyCounter counter = new EnergyCounter(Long.MAX_VALUE);

          @Override
          public List<EnergyDomain> domains() {
            return List.of(PACKAGE);
          }

          @Override
          public List<EnergyReading> read() {
            // a microjoule each microsecond: 1 W
            return List.of(counter.next(System.nanoTime() / 1000, System.nanoTime()));
          }

          @Override
          public void close() {}
        };
    PhaseClock real = new PhaseClock(List.of("forward"), System::nanoTime);
    EnergySampler sampler = EnergySampler.start(List.of(meter), real);
    while (sampler.snapshot().joules(phase -> true).orElse(0) < 0.2) {
      Thread.sleep(10);
    }
    sampler.close();
    EnergySnapshot last = sampler.snapshot();

    assertThat(last.coverage()).isBetween(0.5, 1.0);
    Thread.sleep(2 * EnergySampler.COUNTER_PERIOD_NANOS / 1_000_000);
    assertThat(sampler.snapshot()).isEqualTo(last);
  }

  @Test
  void closesItsMeters() {
    ScriptedMeter meter =
        new ScriptedMeter(new EnergyReading.Pending(), new EnergyReading.Pending());
    EnergySampler sampler = EnergySampler.byHand(List.of(meter), clock);
    sampler.close();
    sampler.close();

    assertThat(meter.closed).isTrue();
  }
}
