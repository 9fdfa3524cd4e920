package org.ergometer.accounting.nd4j;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.shape.options.ArrayOptionsHelper;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.OpaqueContext;

/** A native seam that does nothing, remembers its calls, and answers as it is told. */
final class FakeNativeOps implements InvocationHandler {

  /** Shape descriptor of a float32 matrix, 2×3: rank, extents, strides, flags, stride, order. */
  static final LongPointer MATRIX =
      new LongPointer(2, 2, 3, 3, 1, ArrayOptionsHelper.DTYPE_FLOAT_BIT, 1, 'c');

  /** As many descriptors as a test may ask for. */
  static final PointerPointer<Pointer> MATRICES = new PointerPointer<>(MATRIX, MATRIX, MATRIX);

  final List<Call> calls = new ArrayList<>();

  /** What methods return that return an int. */
  int status;

  int errorCode;

  /** One call as it arrived. */
  record Call(Method method, List<@Nullable Object> arguments) {}

  NativeOps proxy() {
    ClassLoader loader = NativeOps.class.getClassLoader();
    return (NativeOps) Proxy.newProxyInstance(loader, new Class<?>[] {NativeOps.class}, this);
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) {
    if (method.getName().equals("lastErrorCode")) {
      return errorCode;
    }
    List<@Nullable Object> copy = new ArrayList<>();
    if (arguments != null) {
      copy.addAll(Arrays.asList(arguments)); // some are null
    }
    calls.add(new Call(method, copy));
    return result(method.getReturnType());
  }

  private @Nullable Object result(Class<?> type) {
    if (type == OpaqueContext.class) {
      return new OpaqueContext(MATRIX);
    } else if (type == String.class) {
      return "text";
    } else if (type == int.class) {
      return status;
    } else if (type == long.class) {
      return 5L;
    } else if (type == float.class) {
      return 6f;
    } else if (type == double.class) {
      return 7d;
    } else if (type == char.class) {
      return 'c';
    } else if (type == boolean.class) {
      return true;
    }
    return type == Pointer.class ? MATRIX : null;
  }
}
