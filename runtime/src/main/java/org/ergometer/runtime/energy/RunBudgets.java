package org.ergometer.runtime.energy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.ergometer.accounting.energy.Footprint;
import org.ergometer.accounting.energy.KilowattHours;
import org.ergometer.runtime.config.BudgetConfig;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;
import org.jspecify.annotations.Nullable;

/** Holds a run against its budgets after each step, and says which one is spent. */
public final class RunBudgets implements TrainingObserver {

  private static final double SECONDS_PER_MINUTE = 60;
  private static final double GRAMS_PER_KILOGRAM = 1000;

  private final List<Budget> budgets = new ArrayList<>();
  private @Nullable String reason;

  /**
   * One limit.
   *
   * @param option that set it
   * @param spent until now; null while unknown
   */
  private record Budget(
      String option, String unit, double limit, Supplier<@Nullable Double> spent) {}

  /**
   * The budgets of a run, which all its processes spend together.
   *
   * @param energy clock of the run too
   * @param flops counted so far; null while nothing is counted
   */
  public RunBudgets(BudgetConfig config, RunEnergy energy, Supplier<@Nullable BigInteger> flops) {
    add("minutes", "minutes", config.minutes(), () -> energy.seconds() / SECONDS_PER_MINUTE);
    add("flops-budget", "FLOP", config.flops(), () -> number(flops.get()));
    add(
        "energy-budget-kwh",
        "kWh",
        config.kilowattHours(),
        () -> kilowattHours(energy.footprint()));
    add("co2e-budget-kg", "kg CO2e", config.co2eKilograms(), () -> kilograms(energy.footprint()));
    add("usd-budget", "USD", config.usd(), () -> usd(energy.footprint()));
  }

  private void add(
      String option, String unit, @Nullable Double limit, Supplier<@Nullable Double> spent) {
    if (limit != null) {
      budgets.add(new Budget(option, unit, limit, spent));
    }
  }

  @Override
  public void stepDone(TrainingStep step) {
    check(step.number());
  }

  /** Holds the run against its budgets after a step; 0 is before the first. */
  public void check(int step) {
    for (Budget budget : budgets) {
      Double spent = budget.spent().get();
      if (reason == null && spent != null && spent >= budget.limit()) {
        reason =
            String.format(
                Locale.ROOT,
                "%s of %s %s is spent: %.6g %s after step %d; raise --%s",
                budget.option(),
                budget.limit(),
                budget.unit(),
                spent,
                budget.unit(),
                step,
                budget.option());
      }
    }
  }

  /** Whether a budget is spent. */
  public boolean spent() {
    return reason != null;
  }

  /** Which budget is spent, by how much, and what to do; null while none is. */
  public @Nullable String reason() {
    return reason;
  }

  private static @Nullable Double number(@Nullable BigInteger flops) {
    return flops == null ? null : flops.doubleValue();
  }

  private static @Nullable Double kilowattHours(Footprint footprint) {
    Double joules = footprint.deviceJoules();
    return joules == null ? null : KilowattHours.ofJoules(joules);
  }

  private static @Nullable Double kilograms(Footprint footprint) {
    return footprint.emissions() == null
        ? null
        : footprint.emissions().grams() / GRAMS_PER_KILOGRAM;
  }

  private static @Nullable Double usd(Footprint footprint) {
    return footprint.cost() == null ? null : footprint.cost().usd();
  }
}
