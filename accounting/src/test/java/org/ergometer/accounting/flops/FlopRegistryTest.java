package org.ergometer.accounting.flops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.junit.jupiter.api.Test;

class FlopRegistryTest {

  private static final OpRule MINE =
      OpRule.of(OpFamily.CUSTOM, "mine", OpClass.ELEMENTWISE, op -> 7, "mine");

  @Test
  void theSameOpTwiceIsAnError() {
    assertThatThrownBy(() -> FlopRegistry.of(List.of(MINE, MINE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("duplicate rule for custom op \"mine\"; replace one with FlopRegistry.with");
  }

  @Test
  void oneNameInTwoFamiliesIsTwoOps() {
    FlopRegistry standard = FlopRegistry.standard();

    assertThat(standard.findOrUnaccounted(OpFamily.REDUCE, "Max").opClass())
        .isEqualTo(OpClass.REDUCTION);
    assertThat(standard.find(OpFamily.SCALAR, "Max")).isNull();
  }

  @Test
  void aUsersRuleIsAddedOrReplacesOneInACopy() {
    FlopRegistry standard = FlopRegistry.standard();
    OpRule matmul = OpRule.of(OpFamily.CUSTOM, "matmul", OpClass.MATMUL, op -> 1, "another");

    FlopRegistry changed = standard.with(MINE).with(matmul);

    assertThat(changed.find(OpFamily.CUSTOM, "mine")).isSameAs(MINE);
    assertThat(changed.find(OpFamily.CUSTOM, "matmul")).isSameAs(matmul);
    assertThat(standard.find(OpFamily.CUSTOM, "mine")).isNull();
    assertThat(standard.find(OpFamily.CUSTOM, "matmul")).isNotSameAs(matmul);
  }

  @Test
  void anOpWithoutRuleIsUnaccountedAndNeverZeroInSilence() {
    OpRule rule = FlopRegistry.standard().findOrUnaccounted(OpFamily.CUSTOM, "no_such_op");

    assertThat(rule.opClass()).isEqualTo(OpClass.UNACCOUNTED);
    assertThat(rule.name()).isEqualTo("no_such_op");
  }

  @Test
  void everyStandardRuleSaysWhereItsArithmeticComesFrom() {
    assertThat(FlopRegistry.standard().rules())
        .allSatisfy(rule -> assertThat(rule.source()).as(rule.name()).isNotBlank());
  }
}
