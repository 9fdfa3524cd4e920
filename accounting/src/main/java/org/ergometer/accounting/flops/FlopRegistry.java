package org.ergometer.accounting.flops;

import java.util.LinkedHashMap;
import java.util.Map;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.jspecify.annotations.Nullable;

/**
 * Finds the {@link OpRule} of an op by family and canonical name. Immutable: {@link #with} gives a
 * registry that also holds a user's rules.
 */
public final class FlopRegistry {

  private final Map<Key, OpRule> rules;

  private record Key(OpFamily family, String name) {}

  private FlopRegistry(Map<Key, OpRule> rules) {
    this.rules = rules;
  }

  /** The rules of ND4J's own ops, as far as they are known. */
  public static FlopRegistry standard() {
    return of(StandardRules.all());
  }

  /** A registry of exactly these rules; the same op twice is an error. */
  public static FlopRegistry of(Iterable<OpRule> rules) {
    Map<Key, OpRule> byName = new LinkedHashMap<>();
    for (OpRule rule : rules) {
      if (byName.put(new Key(rule.family(), rule.name()), rule) != null) {
        throw new IllegalArgumentException(
            "duplicate rule for %s op \"%s\"; replace one with FlopRegistry.with"
                .formatted(rule.family().label(), rule.name()));
      }
    }
    return new FlopRegistry(byName);
  }

  /** This registry with {@code rule} added, or put in place of the one it holds for that op. */
  public FlopRegistry with(OpRule rule) {
    Map<Key, OpRule> copy = new LinkedHashMap<>(rules);
    copy.put(new Key(rule.family(), rule.name()), rule);
    return new FlopRegistry(copy);
  }

  /** The rule for an op, or null where none is registered. */
  public @Nullable OpRule find(OpFamily family, String name) {
    return rules.get(new Key(family, name));
  }

  /** The rule for an op, or one that books it as {@link OpClass#UNACCOUNTED}. */
  public OpRule findOrUnaccounted(OpFamily family, String name) {
    OpRule rule = find(family, name);
    return rule != null
        ? rule
        : OpRule.of(family, name, OpClass.UNACCOUNTED, op -> 0, "no formula registered");
  }

  /** All rules, in the order of their registration. */
  public Iterable<OpRule> rules() {
    return rules.values();
  }
}
