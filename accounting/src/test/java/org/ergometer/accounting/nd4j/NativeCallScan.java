package org.ergometer.accounting.nd4j;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * The byte code of jars, searched for calls of native methods and of JavaCPP's methods that move
 * data.
 */
final class NativeCallScan {

  private static final String JAVACPP = "org/bytedeco/javacpp/";

  /** Natives of JavaCPP that move data; what else it has allocates, releases and loads. */
  private static final Pattern MOVES_DATA =
      Pattern.compile("(get|put|memcpy|memset|memmove|memchr|memcmp)\\(.*");

  private final Map<String, ClassReader> classes = new HashMap<>();
  private final Map<String, String> superclass = new HashMap<>();
  private final Set<String> declared = new HashSet<>();
  private final Set<String> natives = new HashSet<>();

  /** A call instruction: the method it is in, and the method it calls. */
  record CallSite(String callerClass, String caller, String target) {
    String readable() {
      String method = caller.substring(0, caller.indexOf('('));
      String called = target.substring(0, target.indexOf('('));
      return simple(callerClass + "." + method) + " -> " + simple(called);
    }

    private static String simple(String name) {
      return name.substring(name.lastIndexOf('/') + 1);
    }
  }

  /** Reads every class of the jars. */
  static NativeCallScan of(List<File> jars) throws IOException {
    NativeCallScan scan = new NativeCallScan();
    for (File path : jars) {
      try (JarFile jar = new JarFile(path)) {
        for (JarEntry entry : jar.stream().filter(NativeCallScan::isClass).toList()) {
          scan.declare(new ClassReader(jar.getInputStream(entry).readAllBytes()));
        }
      }
    }
    return scan;
  }

  /** Whether a class, with slashes in its name, was read. */
  boolean has(String type) {
    return classes.containsKey(type);
  }

  /** Every call from ND4J and DL4J into native code past {@code NativeOps}. */
  List<CallSite> calls() {
    Set<String> targets = new HashSet<>(natives);
    targets.addAll(movingMethodsOfJavacpp());
    List<CallSite> calls = new ArrayList<>();
    for (String type : classes.keySet()) {
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
  private Set<String> movingMethodsOfJavacpp() {
    Set<String> moving = new HashSet<>();
    for (String method : natives) {
      String name = method.substring(method.lastIndexOf('.', method.indexOf('(')) + 1);
      if (method.startsWith(JAVACPP) && MOVES_DATA.matcher(name).matches()) {
        moving.add(method);
      }
    }
    int size;
    do {
      size = moving.size();
      for (String type : classes.keySet()) {
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

  private void visitCalls(String type, BiConsumer<String, String> callerAndTarget) {
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

  private ClassReader reader(String type) {
    return Objects.requireNonNull(classes.get(type));
  }

  /** The method that a call means: declared in the class named, or above it. */
  private @Nullable String resolve(String owner, String method) {
    for (String type = owner; type != null; type = superclass.get(type)) {
      if (declared.contains(type + "." + method)) {
        return type + "." + method;
      }
    }
    return null;
  }

  private void declare(ClassReader reader) {
    String type = reader.getClassName();
    classes.put(type, reader);
    superclass.put(type, reader.getSuperName());
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
            declared.add(method);
            if ((access & Opcodes.ACC_NATIVE) != 0) {
              natives.add(method);
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
        || type.startsWith("org/nd4j/linalg/jcublas/bindings/")
        || type.startsWith("org/nd4j/presets/");
  }
}
