package org.ergometer.accounting.nd4j;

import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.nativeblas.NativeOps;

/**
 * What the backend that was found uses as its native seam. ND4J makes the decorator without
 * arguments, by its name, so this one fact has to be kept where it finds it.
 */
final class Installation {

  private static volatile @Nullable String nativeOps;

  private Installation() {}

  /** Notes the class to decorate. */
  static void decorate(String nativeOpsClass) {
    nativeOps = nativeOpsClass;
  }

  /** The backend's own native seam; called once, when ND4J makes the decorator. */
  static NativeOps newDelegate() {
    String name = nativeOps;
    if (name == null) {
      throw new IllegalStateException(
          "no native seam to decorate: the decorator is made by ND4J, through AccountingBackend");
    }
    Class<? extends NativeOps> type = ND4JClassLoading.<NativeOps>loadClassByName(name);
    if (type == null) {
      throw new IllegalStateException("the backend's native.ops is not on the class path: " + name);
    }
    try {
      return type.getDeclaredConstructor().newInstance();
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("cannot make the backend's " + name, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make the backend's " + name, e);
    }
  }
}
