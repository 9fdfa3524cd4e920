package org.ergometer.accounting.nd4j;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.ergometer.accounting.nd4j.SubclassWriter.Counted;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.memory.enums.MemoryKind;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.BaseNDArrayFactory;

/** The classes that ND4J is told to use in place of the backend's own. */
final class HookClasses {

  private static final String DELEGATE = "delegate";

  private HookClasses() {}

  /**
   * A concrete {@link CountingNativeOps}: the numbered ops are handed on and counted, every other
   * method that is abstract yet is only handed on.
   */
  static Class<? extends CountingNativeOps> nativeOps(String simpleName) {
    Map<String, Counted> counted = counted();
    SubclassWriter writer = new SubclassWriter(simpleName, CountingNativeOps.class);
    for (Method method : CountingNativeOps.class.getMethods()) {
      if (Modifier.isAbstract(method.getModifiers())) {
        writer.handOn(method, DELEGATE, counted.get(method.getName()));
      }
    }
    return writer.load().asSubclass(CountingNativeOps.class);
  }

  /** The backend's factory of arrays, with BLAS and LAPACK counted where it makes them. */
  static Class<?> arrayFactory(String simpleName, Class<?> type) {
    SubclassWriter writer = new SubclassWriter(simpleName, type);
    Map<String, String> counters =
        Map.of(
            "createLevel1", "levelOneMade",
            "createLevel2", "levelTwoMade",
            "createLevel3", "levelThreeMade",
            "createLapack", "lapackMade");
    for (Method method : type.getMethods()) {
      String counter = counters.get(method.getName());
      if (counter != null) {
        Method after = find(CountedBlas.class, counter, BaseNDArrayFactory.class);
        writer.extend(method, new Counted(null, after, List.of(), List.of()));
      }
    }
    return writer.load();
  }

  /** The backend's memory manager, with its copies and zero-fills counted. */
  static Class<?> memoryManager(String simpleName, Class<?> type) {
    SubclassWriter writer = new SubclassWriter(simpleName, type);
    extend(
        writer,
        find(type, "memcpy", DataBuffer.class, DataBuffer.class),
        find(CountedMemory.class, "copied", long.class, DataBuffer.class, DataBuffer.class),
        0,
        1);
    extend(
        writer,
        find(type, "memset", INDArray.class),
        find(CountedMemory.class, "cleared", long.class, INDArray.class),
        0);
    extend(
        writer,
        find(type, "allocate", long.class, MemoryKind.class, boolean.class),
        find(CountedMemory.class, "allocated", long.class, long.class, boolean.class),
        0,
        2);
    return writer.load();
  }

  /** The backend's factory of buffers, with the zeroing of what it makes counted. */
  static Class<?> bufferFactory(String simpleName, Class<?> type) {
    SubclassWriter writer = new SubclassWriter(simpleName, type);
    Method created =
        find(CountedMemory.class, "created", long.class, DataBuffer.class, boolean.class);
    Method duplicated = find(CountedMemory.class, "duplicated", long.class, DataBuffer.class);
    for (Method method : type.getMethods()) {
      int zeroed = List.of(method.getParameterTypes()).indexOf(boolean.class);
      if (zeroed < 0 || method.isBridge() || method.getReturnType() != DataBuffer.class) {
        continue;
      }
      if (method.getName().equals("createSame")) {
        extend(writer, method, duplicated, SubclassWriter.RESULT);
      } else {
        extend(writer, method, created, SubclassWriter.RESULT, zeroed);
      }
    }
    return writer.load();
  }

  private static void extend(SubclassWriter writer, Method method, Method after, int... passed) {
    Method before = find(CountedMemory.class, "before");
    writer.extend(
        method, new Counted(before, after, List.of(), Arrays.stream(passed).boxed().toList()));
  }

  private static Map<String, Counted> counted() {
    Method numbered = counter(LegacyOps.class, int.class);
    Method plain = counter(SeamOp.class);
    Map<String, Counted> counted = new HashMap<>();
    for (NativeMethods.Numbered op : NativeMethods.NUMBERED) {
      List<Integer> arguments = new ArrayList<>(List.of(NativeMethods.Numbered.NUMBER));
      arguments.addAll(tensors(op.x(), op.y(), op.z()));
      counted.put(op.method(), new Counted(null, numbered, List.of(op.family()), arguments));
    }
    for (NativeMethods.Plain op : NativeMethods.PLAIN) {
      List<Integer> arguments = tensors(op.x(), op.y(), op.z());
      counted.put(op.method(), new Counted(null, plain, List.of(op.op()), arguments));
    }
    return counted;
  }

  /** Positions of shape descriptors, then of the buffers, each right before its descriptor. */
  private static List<Integer> tensors(int... shapes) {
    List<Integer> positions = new ArrayList<>();
    for (int shape : shapes) {
      positions.add(shape);
    }
    for (int shape : shapes) {
      positions.add(shape == SubclassWriter.ABSENT ? SubclassWriter.ABSENT : shape - 1);
    }
    return positions;
  }

  /** {@code CountingNativeOps.executed} with these parameters between the object and the shapes. */
  private static Method counter(Class<?>... leading) {
    Class<?>[] parameters = new Class<?>[1 + leading.length + 6];
    Arrays.fill(parameters, LongPointer.class);
    Arrays.fill(parameters, parameters.length - 3, parameters.length, Pointer.class);
    parameters[0] = CountingNativeOps.class;
    System.arraycopy(leading, 0, parameters, 1, leading.length);
    return find(CountingNativeOps.class, "executed", parameters);
  }

  /** A method of the class or of those above it. */
  private static Method find(Class<?> type, String name, Class<?>... parameters) {
    for (Class<?> declaring = type; declaring != null; declaring = declaring.getSuperclass()) {
      try {
        return declaring.getDeclaredMethod(name, parameters);
      } catch (NoSuchMethodException inherited) {
        // look above
      }
    }
    throw new LinkageError(type.getName() + " has no method " + name);
  }
}
