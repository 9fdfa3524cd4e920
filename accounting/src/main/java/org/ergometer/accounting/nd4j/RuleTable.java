package org.ergometer.accounting.nd4j;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ergometer.accounting.flops.FlopRegistry;
import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;

/**
 * The rule of every native op, found by what the native seam names it with: a number in a family, a
 * custom op's hash, a BLAS routine. Looking up a known op allocates nothing, and always gives the
 * same object.
 */
final class RuleTable {

  private static final Pattern ENTRY = Pattern.compile("(?<name>[^:;]+):(?<hash>-?\\d+):[^;]*;");

  private final FlopRegistry registry;
  private final Map<LegacyOps, OpRule[]> legacy = new EnumMap<>(LegacyOps.class);
  private final Map<SeamOp, OpRule> seam = new EnumMap<>(SeamOp.class);
  private final Map<String, OpRule> blas = new ConcurrentHashMap<>();
  private final Map<String, OpRule> unknown = new HashMap<>();
  private final long[] hashes;
  private final OpRule[] custom;

  /**
   * @param customOps the backend's list of custom ops: {@code name:hash:…;name:hash:…;}
   */
  RuleTable(FlopRegistry registry, String customOps) {
    this.registry = registry;
    for (LegacyOps family : LegacyOps.values()) {
      legacy.put(family, rules(family));
    }
    for (SeamOp op : SeamOp.values()) {
      seam.put(op, rule(op));
    }
    SortedMap<Long, SortedSet<String>> names = namesByHash(customOps);
    hashes = new long[names.size()];
    custom = new OpRule[names.size()];
    int index = 0;
    for (Map.Entry<Long, SortedSet<String>> entry : names.entrySet()) {
      hashes[index] = entry.getKey();
      custom[index] = registry.findOrUnaccounted(OpFamily.CUSTOM, canonical(entry.getValue()));
      index++;
    }
  }

  OpRule legacy(LegacyOps family, int number) {
    OpRule[] rules = legacy.get(family);
    if (rules != null && number >= 0 && number < rules.length) {
      return rules[number];
    }
    return unknown(family.family(), family.unnamed(number));
  }

  OpRule custom(long hash) {
    int index = Arrays.binarySearch(hashes, hash);
    return index >= 0 ? custom[index] : unknown(OpFamily.CUSTOM, "hash_" + hash);
  }

  OpRule seam(SeamOp op) {
    return Objects.requireNonNull(seam.get(op));
  }

  /** The rule of a BLAS or LAPACK routine by its name without the letter of its type. */
  OpRule blas(String routine) {
    OpRule rule = blas.get(routine);
    return rule != null
        ? rule
        : blas.computeIfAbsent(routine, name -> registry.findOrUnaccounted(OpFamily.BLAS, name));
  }

  private OpRule unknown(OpFamily family, String name) {
    synchronized (unknown) {
      return unknown.computeIfAbsent(
          family.label() + "." + name, key -> registry.findOrUnaccounted(family, name));
    }
  }

  private OpRule[] rules(LegacyOps family) {
    List<String> names = family.names();
    OpRule[] rules = new OpRule[names.size()];
    for (int number = 0; number < rules.length; number++) {
      String name = names.get(number);
      rules[number] =
          registry.findOrUnaccounted(
              family.family(), name.isEmpty() ? family.unnamed(number) : name);
    }
    return rules;
  }

  private OpRule rule(SeamOp op) {
    OpRule rule = registry.find(OpFamily.MEMORY, op.label());
    if (rule != null || op.defaultClass() == OpClass.UNACCOUNTED) {
      return registry.findOrUnaccounted(OpFamily.MEMORY, op.label());
    }
    return OpRule.of(
        OpFamily.MEMORY, op.label(), op.defaultClass(), view -> 0, "data movement: no arithmetic");
  }

  /**
   * Several names may stand for one op: the name that has a rule, else the first in the alphabet,
   * whatever order a backend lists them in.
   */
  private String canonical(SortedSet<String> names) {
    for (String name : names) {
      if (registry.find(OpFamily.CUSTOM, name) != null) {
        return name;
      }
    }
    return names.first();
  }

  private static SortedMap<Long, SortedSet<String>> namesByHash(String customOps) {
    SortedMap<Long, SortedSet<String>> names = new TreeMap<>();
    Matcher entry = ENTRY.matcher(customOps);
    while (entry.find()) {
      names
          .computeIfAbsent(Long.valueOf(entry.group("hash")), hash -> new TreeSet<>())
          .add(entry.group("name"));
    }
    return names;
  }
}
