package org.ergometer.accounting.flops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ergometer.accounting.op.FusedOp;
import org.ergometer.accounting.op.OpFamily;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Holds the registry against the lists that the native library itself prints. */
class BackendCoverageTest {

  /** Ops without a formula that are known and shown; anything else without one is an error. */
  private static final List<String> UNACCOUNTED =
      UnformulatedOp.ALL.stream().map(UnformulatedOp::name).toList();

  private static final Map<Integer, OpFamily> FAMILY_BY_KEY =
      Map.ofEntries(
          Map.entry(1, OpFamily.TRANSFORM),
          Map.entry(5, OpFamily.REDUCE),
          Map.entry(6, OpFamily.REDUCE),
          Map.entry(8, OpFamily.REDUCE),
          Map.entry(9, OpFamily.INDEX_REDUCE),
          Map.entry(10, OpFamily.SCALAR),
          Map.entry(12, OpFamily.BROADCAST),
          Map.entry(14, OpFamily.PAIRWISE),
          Map.entry(16, OpFamily.REDUCE3),
          Map.entry(17, OpFamily.SUMMARY),
          Map.entry(20, OpFamily.RANDOM));

  private static final FlopRegistry REGISTRY = FlopRegistry.standard();

  private static NativeOps backend;

  @BeforeAll
  static void startBackend() {
    assertThat(Nd4j.scalar(1f).isScalar()).isTrue();
    backend = NativeOpsHolder.getInstance().getDeviceNativeOps();
  }

  @Test
  void everyNumberedOpThatTheBackendListsHasARule() {
    Map<OpFamily, List<String>> listed = numberedOps();

    assertThat(listed.keySet())
        .containsExactlyInAnyOrderElementsOf(new HashSet<>(FAMILY_BY_KEY.values()));
    assertThat(listed.values().stream().mapToInt(List::size).sum()).isEqualTo(193);
    List<String> missing = new ArrayList<>();
    listed.forEach(
        (family, names) ->
            names.stream()
                .filter(name -> REGISTRY.find(family, name) == null)
                .forEach(name -> missing.add(family.label() + "." + name)));
    assertThat(missing).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "TRANSFORM, IsInf IsNan IsFinite IsInfOrNan MatchConditionBool IsPositive Not IsNegative",
    "TRANSFORM, ScaledTanh Affine TanhDerivative HardTanhDerivative SigmoidDerivative",
    "TRANSFORM, SoftSignDerivative TanDerivative SELUDerivative HardSigmoidDerivative",
    "TRANSFORM, RationalTanhDerivative RectifiedTanhDerivative SwishDerivative ACoshDerivative",
    "TRANSFORM, ASinhDerivative SinhDerivative LogSigmoidDerivative SpecialDerivative Stabilize",
    "TRANSFORM, StabilizeFP16 CubeDerivative Cosine Exp Log SetRange Sigmoid Sin SoftPlus Tanh",
    "TRANSFORM, ACos ASin ATan HardTanh SoftSign HardSigmoid RationalTanh RectifiedTanh Sinh",
    "TRANSFORM, Cosh Tan SELU Swish Log1p Erf ACosh ASinh Rint LogSigmoid Erfc Expm1 ATanh GELU",
    "TRANSFORM, GELUDerivative PreciseGELU PreciseGELUDerivative Mish MishDerivative Assign",
    "TRANSFORM, Sign Neg",
    "REDUCE, CountNonZero CountZero MatchCondition",
    "SCALAR, EqualTo GreaterThan LessThan Epsilon GreaterThanOrEqual MatchCondition NotEqualTo",
    "SCALAR, And Or Xor Not LessThanOrEqual",
    "BROADCAST, EqualTo GreaterThan LessThan Epsilon GreaterThanOrEqual NotEqualTo",
    "BROADCAST, And Or Xor Not LessThanOrEqual",
    "PAIRWISE, EqualTo GreaterThan LessThan Epsilon GreaterThanOrEqual NotEqualTo",
    "PAIRWISE, And Or Xor Not LessThanOrEqual",
  })
  void numberedOpsThatTheBackendLeavesOutOfItsListHaveRulesToo(OpFamily family, String names) {
    assertThat(names.split(" ")).allMatch(name -> REGISTRY.find(family, name) != null);
  }

  @Test
  void everyCustomOpHasARuleOrIsKnownToHaveNone() {
    Map<Long, Set<String>> ops = customOps();
    List<Set<String>> missing = ops.values().stream().filter(names -> !classified(names)).toList();

    System.getLogger(getClass().getName())
        .log(
            System.Logger.Level.INFO,
            "custom ops with a rule: {0} of {1}; without: {2}",
            ops.size() - missing.size(),
            ops.size(),
            missing);
    assertThat(ops).hasSize(521);
    assertThat(missing.stream().map(names -> names.iterator().next()))
        .as("custom ops without a rule, one name each")
        .containsExactlyInAnyOrderElementsOf(UNACCOUNTED);
  }

  @Test
  void everyCustomRuleIsForAnOpOfThisBackend() {
    Set<String> names = new HashSet<>();
    customOps().values().forEach(names::addAll);
    for (FusedOp op : FusedOp.values()) {
      names.add(op.label()); // offered by runtime.acceleration
    }
    List<String> unknown = new ArrayList<>();
    for (OpRule rule : REGISTRY.rules()) {
      if (rule.family() == OpFamily.CUSTOM && !names.contains(rule.name())) {
        unknown.add(rule.name());
      }
    }

    assertThat(unknown).as("rules for custom ops that the backend does not have").isEmpty();
  }

  @Test
  void noCustomOpHasTwoRulesUnderTwoOfItsNames() {
    assertThat(customOps().values())
        .allSatisfy(
            names ->
                assertThat(
                        names.stream().filter(name -> REGISTRY.find(OpFamily.CUSTOM, name) != null))
                    .hasSizeLessThanOrEqualTo(1));
  }

  private static boolean classified(Collection<String> names) {
    return names.stream().anyMatch(name -> REGISTRY.find(OpFamily.CUSTOM, name) != null);
  }

  /** Names by hash: several names may stand for one op. */
  private static Map<Long, Set<String>> customOps() {
    Map<Long, Set<String>> names = new TreeMap<>();
    for (String entry : backend.getAllCustomOps().split(";", -1)) {
      String[] fields = entry.split(":", -1);
      if (fields.length > 1) {
        names.computeIfAbsent(Long.valueOf(fields[1]), hash -> new TreeSet<>()).add(fields[0]);
      }
    }
    return names;
  }

  /** The list reads {@code key index:number:name<<index:number:name<<…>>key …}. */
  private static Map<OpFamily, List<String>> numberedOps() {
    Map<OpFamily, List<String>> names = new LinkedHashMap<>();
    Pattern op = Pattern.compile("-?\\d+:\\d+:(\\w+)<<");
    for (String part : backend.getAllOperations().split(">>", -1)) {
      if (part.isBlank()) {
        continue;
      }
      int key = Integer.parseInt(part.substring(0, part.indexOf(' ')));
      Matcher matcher = op.matcher(part);
      while (matcher.find()) {
        OpFamily family = FAMILY_BY_KEY.get(key);
        if (family != null) {
          names.computeIfAbsent(family, f -> new ArrayList<>()).add(matcher.group(1));
        }
      }
    }
    return names;
  }
}
