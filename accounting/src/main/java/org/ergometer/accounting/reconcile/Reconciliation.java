package org.ergometer.accounting.reconcile;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.MatrixProduct;
import org.ergometer.accounting.predict.MatrixProducts;

/**
 * Measured FLOPs of a run beside the predicted ones: {@code measured = predicted + sum of causes +
 * residual}, in total and for every layer and phase.
 *
 * <p>What is predicted is matrix products. Other executed work is a cause, {@link
 * Cause#ELEMENTWISE} or {@link Cause#UPDATE}, as it was measured, beside what has a name of its
 * own: the residual is of matrix products and of named work, and a mistake in one is never hidden
 * by other work.
 *
 * @param measured FLOPs of all executed ops; multiply-add = 2
 * @param predicted FLOPs that the closed form says the training steps' matrix products take
 * @param causes named parts of the difference, by phase
 * @param residual what has no name: 0 where accounting and prediction are both right
 * @param rows the same for each layer and phase, where residuals cannot cancel each other
 */
public record Reconciliation(
    BigInteger measured,
    BigInteger predicted,
    List<Part> causes,
    BigInteger residual,
    List<Row> rows) {

  /** A named amount of work in one phase. */
  public record Part(Cause cause, Phase phase, BigInteger flops) {}

  /**
   * One layer in one phase.
   *
   * @param explained FLOPs that named causes account for
   */
  public record Row(
      String layer,
      Phase phase,
      BigInteger measured,
      BigInteger predicted,
      BigInteger explained,
      BigInteger residual) {}

  private record Place(String layer, Phase phase) implements Comparable<Place> {

    @Override
    public int compareTo(Place other) {
      int byLayer = layer.compareTo(other.layer);
      return byLayer != 0 ? byLayer : phase.compareTo(other.phase);
    }
  }

  public Reconciliation {
    causes = List.copyOf(causes);
    rows = List.copyOf(rows);
  }

  /**
   * Compares a run's ledger with its closed form.
   *
   * @param training matrix products of all training steps done
   * @param explanations what else the run did; each phase is accepted as measured at most once
   */
  public static Reconciliation of(
      LedgerSnapshot ledger, MatrixProducts training, List<Explanation> explanations) {
    Map<Place, BigInteger> products = executed(ledger, Reconciliation::isProduct);
    Map<Place, BigInteger> predicted = predicted(training);
    Map<Place, BigInteger> explained = new TreeMap<>();
    List<Part> causes = new ArrayList<>();
    Map<Place, BigInteger> other = new TreeMap<>();
    for (Explanation explanation : inOrder(explanations)) {
      if (explanation instanceof Explanation.OtherWork known) {
        other.merge(new Place(known.layer(), known.phase()), known.flops(), BigInteger::add);
      }
      Map<Place, BigInteger> work = work(explanation, products, predicted, explained);
      addCause(causes, explained, explanation.cause(), work);
    }
    Map<Place, BigInteger> elementwise = executed(ledger, Reconciliation::isElementwise);
    addCause(causes, explained, Cause.ELEMENTWISE, without(other, elementwise));
    Map<Place, BigInteger> update = executed(ledger, Reconciliation::isUpdate);
    addCause(causes, explained, Cause.UPDATE, without(other, update));
    Map<Place, BigInteger> measured = executed(ledger, entry -> true);
    List<Row> rows = rows(measured, predicted, explained);
    return new Reconciliation(
        total(measured),
        total(predicted),
        causes,
        rows.stream().map(Row::residual).reduce(BigInteger.ZERO, BigInteger::add),
        rows);
  }

  /** Measured work without what has another name already. */
  private static Map<Place, BigInteger> without(
      Map<Place, BigInteger> named, Map<Place, BigInteger> measured) {
    Map<Place, BigInteger> left = new TreeMap<>();
    measured.forEach(
        (place, flops) -> {
          BigInteger rest = flops.subtract(at(named, place));
          if (rest.signum() > 0) {
            left.put(place, rest);
          }
        });
    return left;
  }

  private static boolean isProduct(LedgerEntry entry) {
    return entry.opClass() == OpClass.MATMUL;
  }

  private static boolean isUpdate(LedgerEntry entry) {
    return !isProduct(entry) && entry.phase() == Phase.UPDATE;
  }

  private static boolean isElementwise(LedgerEntry entry) {
    return !isProduct(entry) && entry.phase() != Phase.UPDATE;
  }

  private static void addCause(
      List<Part> causes,
      Map<Place, BigInteger> explained,
      Cause cause,
      Map<Place, BigInteger> work) {
    work.forEach((place, flops) -> explained.merge(place, flops, BigInteger::add));
    byPhase(work).forEach((phase, flops) -> causes.add(new Part(cause, phase, flops)));
  }

  /** Measured minus predicted: the sum of all causes and the residual. */
  public BigInteger difference() {
    return measured.subtract(predicted);
  }

  /** Whether every layer and phase is explained to the last operation. */
  public boolean exact() {
    return rows.stream().allMatch(row -> row.residual().signum() == 0);
  }

  /** What is predicted comes first; what is taken as measured gets what is left. */
  private static List<Explanation> inOrder(List<Explanation> explanations) {
    List<Explanation> ordered = new ArrayList<>();
    for (Explanation explanation : explanations) {
      if (!(explanation instanceof Explanation.AsMeasured)) {
        ordered.add(explanation);
      }
    }
    for (Explanation explanation : explanations) {
      if (explanation instanceof Explanation.AsMeasured) {
        ordered.add(explanation);
      }
    }
    return ordered;
  }

  private static Map<Place, BigInteger> executed(
      LedgerSnapshot ledger, Predicate<LedgerEntry> which) {
    Map<Place, BigInteger> flops = new TreeMap<>();
    for (LedgerEntry entry : ledger.entries()) {
      if (which.test(entry) && entry.flops().signum() > 0) {
        flops.merge(new Place(entry.layer(), entry.phase()), entry.flops(), BigInteger::add);
      }
    }
    return flops;
  }

  private static Map<Place, BigInteger> predicted(MatrixProducts work) {
    Map<Place, BigInteger> flops = new TreeMap<>();
    for (MatrixProduct product : work.products()) {
      flops.merge(new Place(product.layer(), product.phase()), product.flops(), BigInteger::add);
    }
    return flops;
  }

  private static Map<Place, BigInteger> work(
      Explanation explanation,
      Map<Place, BigInteger> products,
      Map<Place, BigInteger> predicted,
      Map<Place, BigInteger> explained) {
    if (explanation instanceof Explanation.Predicted known) {
      return predicted(known.work());
    } else if (explanation instanceof Explanation.LeftOut leftOut) {
      Map<Place, BigInteger> work = predicted(leftOut.work());
      work.replaceAll((place, flops) -> flops.negate());
      return work;
    } else if (explanation instanceof Explanation.OtherWork other) {
      return other.flops().signum() == 0
          ? Map.of()
          : Map.of(new Place(other.layer(), other.phase()), other.flops());
    }
    Phase phase = ((Explanation.AsMeasured) explanation).phase();
    return remaining(phase, products, predicted, explained);
  }

  private static Map<Place, BigInteger> remaining(
      Phase phase,
      Map<Place, BigInteger> measured,
      Map<Place, BigInteger> predicted,
      Map<Place, BigInteger> explained) {
    Map<Place, BigInteger> flops = new TreeMap<>();
    measured.forEach(
        (place, count) -> {
          BigInteger left = count.subtract(at(predicted, place)).subtract(at(explained, place));
          if (place.phase() == phase && left.signum() > 0) {
            flops.put(place, left);
          }
        });
    return flops;
  }

  private static List<Row> rows(
      Map<Place, BigInteger> measured,
      Map<Place, BigInteger> predicted,
      Map<Place, BigInteger> explained) {
    Map<Place, BigInteger> places = new TreeMap<>(measured);
    predicted.forEach(places::putIfAbsent);
    explained.forEach(places::putIfAbsent);
    List<Row> rows = new ArrayList<>();
    for (Place place : places.keySet()) {
      BigInteger counted = at(measured, place);
      BigInteger expected = at(predicted, place);
      BigInteger named = at(explained, place);
      rows.add(
          new Row(
              place.layer(),
              place.phase(),
              counted,
              expected,
              named,
              counted.subtract(expected).subtract(named)));
    }
    return rows;
  }

  private static Map<Phase, BigInteger> byPhase(Map<Place, BigInteger> flops) {
    Map<Phase, BigInteger> phases = new TreeMap<>();
    flops.forEach((place, count) -> phases.merge(place.phase(), count, BigInteger::add));
    return phases;
  }

  private static BigInteger total(Map<Place, BigInteger> flops) {
    return flops.values().stream().reduce(BigInteger.ZERO, BigInteger::add);
  }

  private static BigInteger at(Map<Place, BigInteger> flops, Place place) {
    return flops.getOrDefault(place, BigInteger.ZERO);
  }
}
