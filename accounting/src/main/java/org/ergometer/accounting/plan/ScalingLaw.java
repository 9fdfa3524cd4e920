package org.ergometer.accounting.plan;

import java.util.Optional;
import java.util.OptionalDouble;

/** A rule for how to spend training compute on parameters and tokens. */
public sealed interface ScalingLaw permits ParametricLaw, TokensPerParameter {

  /** Name on the command line and in JSON. */
  String name();

  /** The formula with its constants. */
  String formula();

  /** Who found it. */
  String source();

  /** The best use of so many FLOPs. */
  Allocation optimum(double flops);

  /** Loss in nats per token that the law predicts; empty for a law that predicts none. */
  OptionalDouble loss(Allocation allocation);

  /** Where it was fitted; empty if nobody says. */
  Optional<FittedRange> range();
}
