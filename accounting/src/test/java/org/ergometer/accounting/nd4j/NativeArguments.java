package org.ergometer.accounting.nd4j;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BooleanPointer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.nd4j.nativeblas.OpaqueContext;

/** Arguments for any method of ND4J's native seam. */
final class NativeArguments {

  private NativeArguments() {}

  /** One for each parameter; all shapes are that of {@link FakeNativeOps#MATRIX}. */
  static Object[] of(Method method) {
    List<Object> arguments = new ArrayList<>();
    for (Class<?> type : method.getParameterTypes()) {
      // a custom op's context is declared as a mere pointer
      boolean context = type == Pointer.class && method.getName().equals("execCustomOp2");
      arguments.add(argument(context ? OpaqueContext.class : type));
    }
    return arguments.toArray();
  }

  private static Object argument(Class<?> type) {
    if (type == int.class) {
      return 1;
    } else if (type == long.class) {
      return 2L;
    } else if (type == float.class) {
      return 3f;
    } else if (type == double.class) {
      return 4d;
    } else if (type == boolean.class) {
      return true;
    } else if (type == char.class) {
      return 'c';
    } else if (type == String.class) {
      return "text";
    } else if (type == long[].class) {
      return new long[] {1};
    } else if (type == LongPointer.class || type == Pointer.class) {
      return FakeNativeOps.MATRIX;
    } else if (type == PointerPointer.class) {
      return FakeNativeOps.MATRICES;
    } else if (type == OpaqueContext.class) {
      return new ContextState(new OpaqueContext(FakeNativeOps.MATRIX));
    } else if (type == IntPointer.class) {
      return new IntPointer(1, 2);
    } else if (type == DoublePointer.class) {
      return new DoublePointer(1.0);
    } else if (type == BooleanPointer.class) {
      return new BooleanPointer(true);
    } else if (type == BytePointer.class) {
      return new BytePointer(1L);
    }
    return opaque(type);
  }

  /** ND4J's opaque handles are pointers made from pointers. */
  private static Object opaque(Class<?> type) {
    try {
      return type.getConstructor(Pointer.class).newInstance(FakeNativeOps.MATRIX);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no argument of type " + type, e);
    }
  }
}
