package org.ergometer.accounting.nd4j;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.nd4j.SubclassWriter.Counted;
import org.ergometer.accounting.op.ElementType;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.blas.impl.BaseLapack;
import org.nd4j.linalg.api.blas.impl.BaseLevel1;
import org.nd4j.linalg.api.blas.impl.BaseLevel2;
import org.nd4j.linalg.api.blas.impl.BaseLevel3;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.BaseNDArrayFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the BLAS and LAPACK routines that ND4J calls past its native seam.
 *
 * <p>ND4J's classes for them have one abstract method for each routine and type, such as {@code
 * sdot}; the generated subclass counts there, at the last step before the library. A routine that a
 * backend serves with an op of the native seam instead was counted there, and is not counted again.
 * ND4J's own {@code gemm} and {@code gemv} always take that way.
 */
final class CountedBlas {

  private static final Logger LOG = LoggerFactory.getLogger(CountedBlas.class);
  private static final int MAX_OPERANDS = 4;

  private CountedBlas() {}

  /** Puts a counting object in the place of the one the factory has just made. */
  static void levelOneMade(BaseNDArrayFactory factory) {
    replace(factory, "level1", BaseLevel1.class, Recorder.PROCESS);
  }

  static void levelTwoMade(BaseNDArrayFactory factory) {
    replace(factory, "level2", BaseLevel2.class, Recorder.PROCESS);
  }

  static void levelThreeMade(BaseNDArrayFactory factory) {
    replace(factory, "level3", BaseLevel3.class, Recorder.PROCESS);
  }

  static void lapackMade(BaseNDArrayFactory factory) {
    replace(factory, "lapack", BaseLapack.class, Recorder.PROCESS);
  }

  /** Called by the generated methods of level 1: vectors of {@code length} elements. */
  static void vectors(
      long before, String routine, long length, @Nullable Object x, @Nullable Object y) {
    if (!uncounted(before) || x == null) {
      return;
    }
    ElementType type = typeOf(x);
    OpView op = Recorder.PROCESS.blas(routine).input(type, length);
    switch (routine) {
      case "dot" -> op.input(type, length).output(type, 1);
      case "nrm2", "asum" -> op.output(type, 1);
      case "iamax" -> op.output(ElementType.INT32, 1);
      case "copy", "scal" -> op.output(type, length);
      case "axpy" -> op.input(type, length).output(type, length);
      default -> {
        // swap, rot, rotm: both vectors are read and written
        if (y != null) {
          op.input(type, length);
        }
        op.inPlace();
      }
    }
    op.book();
  }

  /** Called by the generated methods of levels 2 and 3: the last operand is the result. */
  static void matrices(
      long before,
      String routine,
      @Nullable INDArray a,
      @Nullable INDArray b,
      @Nullable INDArray c,
      @Nullable INDArray d) {
    if (!uncounted(before)) {
      return;
    }
    OpView op = Recorder.PROCESS.blas(routine);
    INDArray last = null;
    for (int operand = 0; operand < MAX_OPERANDS; operand++) {
      INDArray array = operand == 0 ? a : operand == 1 ? b : operand == 2 ? c : d;
      if (array != null) {
        op.input(array.shapeInfoDataBuffer().addressPointer());
        last = array;
      }
    }
    if (last != null) {
      op.output(last.shapeInfoDataBuffer().addressPointer());
    }
    op.book();
  }

  static String routine(String method) {
    if (method.endsWith("sdot")) {
      return "dot"; // sdsdot, dsdot: sums in double precision
    }
    return method.startsWith("i") ? "i" + method.substring(2) : method.substring(1);
  }

  private static boolean uncounted(long before) {
    return Recorder.PROCESS.attached() && Recorder.PROCESS.recordedByThread() == before;
  }

  private static ElementType typeOf(Object operand) {
    return operand instanceof DataBuffer buffer
        ? ElementTypes.of(buffer.dataType())
        : ElementTypes.of(((INDArray) operand).dataType());
  }

  static void replace(BaseNDArrayFactory factory, String name, Class<?> base, Recorder recorder) {
    try {
      Field field = BaseNDArrayFactory.class.getDeclaredField(name);
      field.setAccessible(true);
      Object original = field.get(factory);
      if (original != null && base.isInstance(original)) {
        Class<?> counting = subclass(original.getClass(), base);
        Constructor<?> constructor = counting.getDeclaredConstructor();
        field.set(factory, constructor.newInstance());
      }
    } catch (ReflectiveOperationException | LinkageError e) {
      LOG.warn("{} is not counted: {}", name, e.toString());
      recorder.missesCalls();
    }
  }

  /** Of a backend's class, with the routines of ND4J's base class counted. */
  static Class<?> subclass(Class<?> type, Class<?> base) throws NoSuchMethodException {
    SubclassWriter writer = new SubclassWriter("Counted" + type.getSimpleName(), type);
    Method before = CountedMemory.class.getDeclaredMethod("before");
    for (Method routine : base.getDeclaredMethods()) {
      Counted counted = counted(routine, before);
      if (counted != null && Modifier.isAbstract(routine.getModifiers())) {
        writer.extend(routine, counted);
      }
    }
    return writer.load();
  }

  /** How a routine is counted, or null for one without arrays, such as {@code srotg}. */
  private static @Nullable Counted counted(Method routine, Method before)
      throws NoSuchMethodException {
    List<Integer> operands = new ArrayList<>();
    Class<?>[] parameters = routine.getParameterTypes();
    for (int position = 0; position < parameters.length; position++) {
      if (parameters[position] == INDArray.class || parameters[position] == DataBuffer.class) {
        operands.add(position);
      }
    }
    if (operands.isEmpty()) {
      return null;
    }
    boolean vectors = parameters[0] == long.class;
    while (operands.size() < (vectors ? 2 : MAX_OPERANDS)) {
      operands.add(SubclassWriter.ABSENT);
    }
    List<Object> name = List.of(routine(routine.getName()));
    if (vectors) {
      Class<?>[] types = {long.class, String.class, long.class, Object.class, Object.class};
      Method after = CountedBlas.class.getDeclaredMethod("vectors", types);
      return new Counted(before, after, name, List.of(0, operands.get(0), operands.get(1)));
    }
    Class<?>[] types = {
      long.class, String.class, INDArray.class, INDArray.class, INDArray.class, INDArray.class
    };
    Method after = CountedBlas.class.getDeclaredMethod("matrices", types);
    return new Counted(before, after, name, operands.subList(0, MAX_OPERANDS));
  }
}
