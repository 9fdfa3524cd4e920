package org.ergometer.accounting.flops;

import java.util.List;
import java.util.stream.Stream;

/** The rules of ND4J's own ops, family by family. */
final class StandardRules {

  private StandardRules() {}

  static List<OpRule> all() {
    return Stream.of(
            MatrixRules.all(),
            ConvolutionRules.all(),
            AttentionRules.all(),
            FusedRules.all(),
            RecurrentRules.all(),
            NormalizationRules.all(),
            ElementwiseRules.all(),
            ActivationRules.all(),
            ReductionRules.all(),
            LossRules.all(),
            UpdaterRules.all(),
            RandomRules.all(),
            MovementRules.all(),
            ImageRules.all(),
            TransformRules.all(),
            LegacyRules.all(),
            SeamRules.all())
        .flatMap(List::stream)
        .toList();
  }
}
