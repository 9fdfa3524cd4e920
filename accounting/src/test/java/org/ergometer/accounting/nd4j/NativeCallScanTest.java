package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * No bytecode of ND4J or DL4J calls native code past {@code NativeOps} in a way that is not known:
 * neither a native method directly, nor one of JavaCPP's that moves data.
 */
class NativeCallScanTest {

  private static final Pattern JARS =
      Pattern.compile("(nd4j|deeplearning4j|javacpp|openblas)-.*\\.jar");
  private static final String JAVACPP = "org/bytedeco/javacpp/";

  /** Natives of JavaCPP that move data; what else it has allocates, releases and loads. */
  private static final Pattern MOVES_DATA =
      Pattern.compile("(get|put|memcpy|memset|memmove|memchr|memcmp)\\(.*");

  private static final Map<String, ClassReader> CLASSES = new HashMap<>();
  private static final Map<String, String> SUPERCLASS = new HashMap<>();
  private static final Set<String> DECLARED = new HashSet<>();
  private static final Set<String> NATIVE = new HashSet<>();

  /** A call instruction: the method it is in, and the method it calls. */
  private record CallSite(String callerClass, String caller, String target) {
    String readable() {
      String method = caller.substring(0, caller.indexOf('('));
      String called = target.substring(0, target.indexOf('('));
      return simple(callerClass + "." + method) + " -> " + simple(called);
    }

    private static String simple(String name) {
      return name.substring(name.lastIndexOf('/') + 1);
    }
  }

  @BeforeAll
  static void read() throws IOException {
    for (String path : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (JARS.matcher(new File(path).getName()).matches()) {
        try (JarFile jar = new JarFile(path)) {
          for (JarEntry entry : jar.stream().filter(NativeCallScanTest::isClass).toList()) {
            declare(new ClassReader(jar.getInputStream(entry).readAllBytes()));
          }
        }
      }
    }
    assertThat(CLASSES).containsKeys("org/nd4j/linalg/factory/Nd4j", JAVACPP + "Pointer");
    assertThat(CLASSES).containsKey("org/deeplearning4j/nn/multilayer/MultiLayerNetwork");
  }

  @Test
  void everyWayIntoNativeCodeIsKnownAndEveryKnownWayExists() {
    Set<String> found = calls().stream().map(CallSite::readable).collect(Collectors.toSet());
    Set<String> unknown =
        found.stream()
            .filter(call -> NativeCalls.ALL.stream().noneMatch(known -> known.matches(call)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(unknown).isEmpty();
    assertThat(NativeCalls.ALL)
        .allSatisfy(known -> assertThat(found).as(known.toString()).anyMatch(known::matches));
  }

  /** What is said to be counted in CountedBlas is overridden there, routine by routine. */
  @Test
  void everyBlasRoutineThatIsCalledIsOverridden() {
    Set<String> overridden =
        Stream.of(
                Nd4j.factory().level1(),
                Nd4j.factory().level2(),
                Nd4j.factory().level3(),
                Nd4j.factory().lapack())
            .flatMap(blas -> Arrays.stream(blas.getClass().getDeclaredMethods()))
            .map(Method::getName)
            .collect(Collectors.toSet());
    List<String> routines =
        calls().stream()
            .filter(call -> call.target().startsWith("org/bytedeco/openblas/"))
            .map(call -> call.caller().substring(0, call.caller().indexOf('(')))
            .filter(routine -> !routine.matches("[sd]rotg"))
            .toList();
    assertThat(routines).hasSizeGreaterThan(80);
    assertThat(overridden).containsAll(routines);
  }

  private static List<CallSite> calls() {
    Set<String> targets = new HashSet<>(NATIVE);
    targets.addAll(movingMethodsOfJavacpp());
    List<CallSite> calls = new ArrayList<>();
    for (String type : CLASSES.keySet()) {
      if (!isBinding(type)) {
        visitCalls(
            type,
            (caller, target) -> {
              if (targets.contains(target)) {
                calls.add(new CallSite(type, caller, target));
              }
            });
      }
    }
    return calls;
  }

  /** Methods of JavaCPP that reach a native method that moves data, such as constructors. */
  private static Set<String> movingMethodsOfJavacpp() {
    Set<String> moving = new HashSet<>();
    for (String method : NATIVE) {
      String name = method.substring(method.lastIndexOf('.', method.indexOf('(')) + 1);
      if (method.startsWith(JAVACPP) && MOVES_DATA.matcher(name).matches()) {
        moving.add(method);
      }
    }
    int size;
    do {
      size = moving.size();
      for (String type : CLASSES.keySet()) {
        if (type.startsWith(JAVACPP) && !type.contains("/tools/") && !type.contains("/indexer/")) {
          visitCalls(
              type,
              (caller, target) -> {
                if (moving.contains(target)) {
                  moving.add(type + "." + caller);
                }
              });
        }
      }
    } while (moving.size() > size);
    return moving;
  }

  private static void visitCalls(String type, BiConsumer<String, String> callerAndTarget) {
    ClassVisitor visitor =
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public MethodVisitor visitMethod(
              int access,
              String method,
              String descriptor,
              @Nullable String signature,
              String @Nullable [] exceptions) {
            return new MethodVisitor(Opcodes.ASM9) {
              @Override
              public void visitMethodInsn(
                  int opcode, String owner, String name, String type, boolean itf) {
                String target = resolve(owner, name + type);
                if (target != null) {
                  callerAndTarget.accept(method + descriptor, target);
                }
              }
            };
          }
        };
    reader(type).accept(visitor, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
  }

  private static ClassReader reader(String type) {
    return Objects.requireNonNull(CLASSES.get(type));
  }

  /** The method that a call means: declared in the class named, or above it. */
  private static @Nullable String resolve(String owner, String method) {
    for (String type = owner; type != null; type = SUPERCLASS.get(type)) {
      if (DECLARED.contains(type + "." + method)) {
        return type + "." + method;
      }
    }
    return null;
  }

  private static void declare(ClassReader reader) {
    String type = reader.getClassName();
    CLASSES.put(type, reader);
    SUPERCLASS.put(type, reader.getSuperName());
    reader.accept(
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public @Nullable MethodVisitor visitMethod(
              int access,
              String name,
              String descriptor,
              @Nullable String signature,
              String @Nullable [] exceptions) {
            String method = type + "." + name + descriptor;
            DECLARED.add(method);
            if ((access & Opcodes.ACC_NATIVE) != 0) {
              NATIVE.add(method);
            }
            return null;
          }
        },
        ClassReader.SKIP_CODE);
  }

  private static boolean isClass(JarEntry entry) {
    return entry.getName().endsWith(".class") && !entry.getName().startsWith("META-INF");
  }

  /** The bindings themselves, whose methods are the targets. */
  private static boolean isBinding(String type) {
    return type.startsWith("org/bytedeco/")
        || type.startsWith("org/nd4j/linalg/cpu/nativecpu/bindings/")
        || type.startsWith("org/nd4j/presets/");
  }
}
