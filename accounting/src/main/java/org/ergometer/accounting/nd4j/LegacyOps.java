package org.ergometer.accounting.nd4j;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.op.OpFamily;

/**
 * ND4J's numbered ops: the name of each number, family by family, as in {@code legacy_ops.h} of its
 * native library.
 *
 * <p>{@code NativeOps.getAllOperations()} cannot supply them: it leaves eight of these families out
 * and prints two under one key. A test holds this table against what it does print and against the
 * numbers of ND4J's Java ops.
 */
enum LegacyOps {
  TRANSFORM_FLOAT(OpFamily.TRANSFORM, "1 Sqrt 3 RSqrt"),
  TRANSFORM_SAME(
      OpFamily.TRANSFORM,
      """
      0 Abs Sign Ones Neg Round TimesOneMinus Cube OneMinus 11 Reciprocal Square
      CompareAndSetTransform 15 Identity 17 Ceiling Floor ClipByValue 21 Copy"""),
  TRANSFORM_BOOL(
      OpFamily.TRANSFORM,
      "1 IsInf IsNan IsFinite IsInfOrNan MatchConditionBool IsPositive Not IsNegative"),
  TRANSFORM_STRICT(
      OpFamily.TRANSFORM,
      """
      2 ScaledTanh Affine TanhDerivative HardTanhDerivative SigmoidDerivative SoftSignDerivative
      TanDerivative SELUDerivative HardSigmoidDerivative RationalTanhDerivative
      RectifiedTanhDerivative SwishDerivative ACoshDerivative ASinhDerivative SinhDerivative
      LogSigmoidDerivative SpecialDerivative Stabilize StabilizeFP16 CubeDerivative Cosine Exp Log
      SetRange Sigmoid Sin SoftPlus Tanh ACos ASin ATan HardTanh SoftSign 36 HardSigmoid
      RationalTanh RectifiedTanh Sinh Cosh Tan SELU Swish Log1p Erf ACosh ASinh Rint LogSigmoid
      Erfc Expm1 ATanh GELU GELUDerivative PreciseGELU PreciseGELUDerivative Mish
      MishDerivative"""),
  TRANSFORM_ANY(OpFamily.TRANSFORM, "0 Assign"),
  REDUCE_FLOAT(
      OpFamily.REDUCE,
      """
      0 Mean AMean Norm1 Norm2 NormMax NormFrobenius NormP SquaredNorm Entropy LogEntropy
      ShannonEntropy 12 ReduceFloatBenchmarkOp"""),
  REDUCE_SAME(OpFamily.REDUCE, "0 Sum Max Min Prod ASum AMax AMin ReduceSameBenchmarkOp"),
  REDUCE_LONG(OpFamily.REDUCE, "0 CountNonZero CountZero MatchCondition"),
  REDUCE_BOOL(OpFamily.REDUCE, "0 Any All IsFinite IsInfOrNan IsNan IsInf IsPositive IsNegative"),
  INDEX_REDUCE(
      OpFamily.INDEX_REDUCE,
      "0 IndexMax IndexMin IndexAbsoluteMax IndexAbsoluteMin FirstIndex LastIndex"),
  SCALAR(
      OpFamily.SCALAR,
      """
      0 Add Subtract Multiply Divide ReverseDivide ReverseSubtract MaxPairwise ELU ELUDerivative
      13 MinPairwise CopyPws Mod ReverseMod Remainder FMod TruncateDiv FloorDiv FloorMod
      SquaredSubtract SafeDivide AMaxPairwise AMinPairwise Atan2 LogicalOr LogicalXor LogicalNot
      LogicalAnd Pow PowDerivative CompareAndSet SXELogitsSmoother LeakyRELU LeakyRELUDerivative
      ReplaceNans LogX RELU RELU6 Step LstmClip TruncateMod SquaredReverseSubtract ReversePow
      DivideNoNan IGamma IGammac RELUDerivative"""),
  SCALAR_BOOL(OpFamily.SCALAR, Comparisons.NAMES),
  BROADCAST(
      OpFamily.BROADCAST,
      """
      0 Add Subtract Multiply Divide ReverseDivide ReverseSubtract CopyPws Pow 13 MinPairwise
      MaxPairwise AMinPairwise AMaxPairwise SquaredSubtract FloorMod FloorDiv ReverseMod SafeDivide
      Mod TruncateDiv 26 Atan2 LogicalOr LogicalXor LogicalNot LogicalAnd DivideNoNan IGamma IGammac
      PowDerivative"""),
  BROADCAST_BOOL(OpFamily.BROADCAST, Comparisons.NAMES),
  PAIRWISE(
      OpFamily.PAIRWISE,
      """
      0 Add CopyPws Divide Multiply Pow ReverseSubtract Subtract MaxPairwise MinPairwise Copy2 Axpy
      ReverseDivide CompareAndSet CompareAndReplace Remainder FMod Atan2 TruncateDiv FloorDiv
      FloorMod SquaredSubtract ReverseMod SafeDivide Mod RelativeError BinaryRelativeError
      BinaryMinimumAbsoluteRelativeError LogicalOr LogicalXor LogicalNot LogicalAnd PowDerivative
      LogPoissonLoss LogPoissonLossFull AMaxPairwise AMinPairwise TruncateMod ReplaceNans
      DivideNoNan IGamma IGammac"""),
  PAIRWISE_BOOL(OpFamily.PAIRWISE, Comparisons.NAMES),
  REDUCE3(
      OpFamily.REDUCE3,
      """
      0 ManhattanDistance EuclideanDistance CosineSimilarity Dot EqualsWithEps CosineDistance
      JaccardDistance SimpleHammingDistance"""),
  SUMMARY(OpFamily.SUMMARY, "0 SummaryStatsVariance SummaryStatsStandardDeviation"),
  RANDOM(
      OpFamily.RANDOM,
      """
      0 UniformDistribution DropOut DropOutInverted ProbablisticMerge Linspace Choice
      GaussianDistribution BernoulliDistribution BinomialDistribution BinomialDistributionEx
      LogNormalDistribution TruncatedNormalDistribution AlphaDropOut ExponentialDistribution
      ExponentialDistributionInv PoissonDistribution GammaDistribution"""),
  AGGREGATE(OpFamily.MEMORY, "0 HierarchicSoftmax Dot Axpy SkipGram CBOW GEMM");

  private final OpFamily family;
  private final String listing;

  /**
   * @param listing names in the order of their numbers; a number says which one the next name has
   */
  LegacyOps(OpFamily family, String listing) {
    this.family = family;
    this.listing = listing;
  }

  /** The list that these names belong to; several native families share one. */
  OpFamily family() {
    return family;
  }

  /** Names by number; empty where a number is not in use. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    for (String token : listing.split("\\s+", -1)) {
      if (Character.isDigit(token.charAt(0))) {
        int number = Integer.parseInt(token);
        while (names.size() < number) {
          names.add("");
        }
      } else {
        names.add(token);
      }
    }
    return names;
  }

  /** What stands for a number that is not in use. */
  String unnamed(int number) {
    return name() + "_" + number;
  }

  /** Three families number their comparisons alike. */
  private static final class Comparisons {
    static final String NAMES =
        """
        0 EqualTo GreaterThan LessThan Epsilon GreaterThanOrEqual MatchCondition NotEqualTo And Or
        Xor Not LessThanOrEqual""";

    private Comparisons() {}
  }
}
