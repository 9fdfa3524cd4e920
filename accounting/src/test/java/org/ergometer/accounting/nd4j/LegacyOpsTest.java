package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ops.BaseBroadcastBoolOp;
import org.nd4j.linalg.api.ops.BaseBroadcastOp;
import org.nd4j.linalg.api.ops.BaseIndexAccumulation;
import org.nd4j.linalg.api.ops.BaseReduceBoolOp;
import org.nd4j.linalg.api.ops.BaseReduceFloatOp;
import org.nd4j.linalg.api.ops.BaseReduceLongOp;
import org.nd4j.linalg.api.ops.BaseReduceSameOp;
import org.nd4j.linalg.api.ops.BaseScalarBoolOp;
import org.nd4j.linalg.api.ops.BaseScalarOp;
import org.nd4j.linalg.api.ops.BaseTransformFloatOp;
import org.nd4j.linalg.api.ops.BaseTransformStrictOp;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastGradientArgs;
import org.nd4j.linalg.api.ops.impl.reduce3.BaseReduce3Op;
import org.nd4j.linalg.api.ops.random.BaseRandomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** The table of numbered ops against the native library and against ND4J's Java ops. */
class LegacyOpsTest {

  /** The families that the native library prints, by the key it prints them under. */
  private static final Map<Integer, List<LegacyOps>> PRINTED =
      Map.of(
          1, List.of(LegacyOps.TRANSFORM_FLOAT, LegacyOps.TRANSFORM_SAME, LegacyOps.TRANSFORM_BOOL),
          5, List.of(LegacyOps.REDUCE_FLOAT),
          6, List.of(LegacyOps.REDUCE_SAME),
          8, List.of(LegacyOps.REDUCE_BOOL),
          9, List.of(LegacyOps.INDEX_REDUCE),
          10, List.of(LegacyOps.SCALAR),
          12, List.of(LegacyOps.BROADCAST),
          14, List.of(LegacyOps.PAIRWISE),
          16, List.of(LegacyOps.REDUCE3),
          17, List.of(LegacyOps.SUMMARY));

  private static final int RANDOM_KEY = 20;

  /** Java classes of ND4J whose name is not the native one's. */
  private static final Map<String, String> OTHER_NAMES =
      Map.ofEntries(
          Map.entry("Cos", "Cosine"),
          Map.entry("RectifiedLinear", "RELU"),
          Map.entry("ScalarDivision", "Divide"),
          Map.entry("ScalarMax", "MaxPairwise"),
          Map.entry("ScalarMin", "MinPairwise"),
          Map.entry("ScalarMultiplication", "Multiply"),
          Map.entry("ScalarReverseDivision", "ReverseDivide"),
          Map.entry("ScalarReverseSubtraction", "ReverseSubtract"),
          Map.entry("ScalarSet", "CopyPws"),
          Map.entry("ScalarSetValue", "CopyPws"),
          Map.entry("ScalarSubtraction", "Subtract"),
          Map.entry("ScalarEps", "Epsilon"),
          Map.entry("ScalarEquals", "EqualTo"),
          Map.entry("ScalarNotEquals", "NotEqualTo"),
          Map.entry("BroadcastAMax", "AMaxPairwise"),
          Map.entry("BroadcastAMin", "AMinPairwise"),
          Map.entry("BroadcastCopyOp", "CopyPws"),
          Map.entry("BroadcastDivOp", "Divide"),
          Map.entry("BroadcastMax", "MaxPairwise"),
          Map.entry("BroadcastMin", "MinPairwise"),
          Map.entry("BroadcastMulOp", "Multiply"),
          Map.entry("BroadcastRDivOp", "ReverseDivide"),
          Map.entry("BroadcastRSubOp", "ReverseSubtract"),
          Map.entry("BroadcastSubOp", "Subtract"),
          Map.entry("BroadcastNotEqual", "NotEqualTo"),
          Map.entry("HammingDistance", "SimpleHammingDistance"));

  @Test
  void agreesWithTheNativeLibrary() {
    Nd4j.getBackend();
    String printed = NativeOpsHolder.getInstance().getDeviceNativeOps().getAllOperations();
    Matcher family = Pattern.compile("(\\d+) (.*?)>>").matcher(printed);
    int compared = 0;
    while (family.find()) {
      int key = Integer.parseInt(family.group(1));
      List<LegacyOps> families =
          key == RANDOM_KEY ? List.of(LegacyOps.RANDOM) : PRINTED.getOrDefault(key, List.of());
      Matcher op = Pattern.compile("-1:(\\d+):(\\w+)<<").matcher(family.group(2));
      while (op.find()) {
        int number = Integer.parseInt(op.group(1));
        assertThat(families)
            .as("%s %s", family.group(1), op.group())
            .anySatisfy(ops -> assertThat(name(ops, number)).isEqualTo(op.group(2)));
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(170);
  }

  @Test
  void agreesWithJavaOps() throws Exception {
    Map<Class<?>, LegacyOps> families =
        Map.ofEntries(
            Map.entry(BaseTransformStrictOp.class, LegacyOps.TRANSFORM_STRICT),
            Map.entry(BaseTransformFloatOp.class, LegacyOps.TRANSFORM_FLOAT),
            Map.entry(BaseReduceFloatOp.class, LegacyOps.REDUCE_FLOAT),
            Map.entry(BaseReduceSameOp.class, LegacyOps.REDUCE_SAME),
            Map.entry(BaseReduceBoolOp.class, LegacyOps.REDUCE_BOOL),
            Map.entry(BaseReduceLongOp.class, LegacyOps.REDUCE_LONG),
            Map.entry(BaseIndexAccumulation.class, LegacyOps.INDEX_REDUCE),
            Map.entry(BaseScalarOp.class, LegacyOps.SCALAR),
            Map.entry(BaseScalarBoolOp.class, LegacyOps.SCALAR_BOOL),
            Map.entry(BaseBroadcastOp.class, LegacyOps.BROADCAST),
            Map.entry(BaseBroadcastBoolOp.class, LegacyOps.BROADCAST_BOOL),
            Map.entry(BaseReduce3Op.class, LegacyOps.REDUCE3),
            Map.entry(BaseRandomOp.class, LegacyOps.RANDOM));
    List<String> different = new ArrayList<>();
    int compared = 0;
    for (Op op : javaOps()) {
      for (Map.Entry<Class<?>, LegacyOps> family : families.entrySet()) {
        // distances extend the reductions, and have numbers of their own; the other is no native op
        boolean elsewhere =
            (family.getValue() == LegacyOps.REDUCE_FLOAT && op instanceof BaseReduce3Op)
                || op instanceof BroadcastGradientArgs;
        if (family.getKey().isInstance(op) && !elsewhere) {
          String name = name(family.getValue(), op.opNum());
          compared++;
          if (!same(name, op.getClass().getSimpleName())) {
            different.add(op.getClass().getSimpleName() + " is not " + name);
          }
        }
      }
    }
    assertThat(compared).isGreaterThan(100);
    assertThat(different).isEmpty();
  }

  private static String name(LegacyOps ops, int number) {
    List<String> names = ops.names();
    return number < names.size() ? names.get(number) : "";
  }

  private static boolean same(String nativeName, String javaName) {
    String plain = javaName.replaceAll("^(Scalar|Broadcast)|Op$", "");
    return nativeName.toLowerCase(Locale.ROOT).equals(plain.toLowerCase(Locale.ROOT))
        || nativeName.equals(OTHER_NAMES.get(javaName));
  }

  private static List<Op> javaOps() throws IOException, URISyntaxException {
    List<Op> ops = new ArrayList<>();
    Path jar = Path.of(Op.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : file.stream().toList()) {
        String name = entry.getName().replace('/', '.');
        if (name.startsWith("org.nd4j.linalg.api.ops.") && name.endsWith(".class")) {
          Op op = instantiate(name.substring(0, name.length() - ".class".length()));
          if (op != null) {
            ops.add(op);
          }
        }
      }
    }
    return ops;
  }

  private static @Nullable Op instantiate(String name) {
    try {
      Class<?> type = Class.forName(name);
      if (!Op.class.isAssignableFrom(type) || Modifier.isAbstract(type.getModifiers())) {
        return null;
      }
      Constructor<?> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      Op op = (Op) constructor.newInstance();
      op.opNum();
      return op;
    } catch (ReflectiveOperationException | UnsupportedOperationException withoutNumber) {
      return null;
    }
  }
}
