package org.ergometer.accounting.nd4j;

import static net.bytebuddy.matcher.ElementMatchers.isAbstract;
import static net.bytebuddy.matcher.ElementMatchers.named;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.util.Arrays;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.description.enumeration.EnumerationDescription;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.loading.ClassLoadingStrategy;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.implementation.MethodCall;
import org.bytedeco.javacpp.LongPointer;

/**
 * Generates the classes that ND4J is told to use in place of the backend's own. They get fixed
 * names beside this class, so that ND4J finds them by name.
 */
final class HookClasses {

  static final String NATIVE_OPS = "org.ergometer.accounting.nd4j.InstalledNativeOps";

  private static final String DELEGATE = "delegate";

  private HookClasses() {}

  /**
   * A concrete {@link CountingNativeOps}: the numbered ops are handed on and counted, every other
   * method that is abstract yet is only handed on.
   */
  static Class<? extends CountingNativeOps> nativeOps(String name) {
    DynamicType.Builder<CountingNativeOps> builder =
        new ByteBuddy()
            .with(TypeValidation.DISABLED)
            .subclass(CountingNativeOps.class)
            .name(name)
            .method(isAbstract())
            .intercept(MethodCall.invokeSelf().onField(DELEGATE).withAllArguments());
    for (NativeMethods.Numbered op : NativeMethods.NUMBERED) {
      MethodCall count =
          MethodCall.invoke(counter(LegacyOps.class, int.class))
              .with(new EnumerationDescription.ForLoadedEnumeration(op.family()))
              .withArgument(NativeMethods.Numbered.NUMBER);
      builder =
          builder
              .method(named(op.method()))
              .intercept(handOnAnd(withShapes(count, op.x(), op.y(), op.z())));
    }
    for (NativeMethods.Plain op : NativeMethods.PLAIN) {
      MethodCall count =
          MethodCall.invoke(counter(SeamOp.class))
              .with(new EnumerationDescription.ForLoadedEnumeration(op.op()));
      builder =
          builder
              .method(named(op.method()))
              .intercept(handOnAnd(withShapes(count, op.x(), op.y(), op.z())));
    }
    return load(builder.make());
  }

  private static Implementation handOnAnd(MethodCall count) {
    return MethodCall.invokeSelf().onField(DELEGATE).withAllArguments().andThen(count);
  }

  private static MethodCall withShapes(MethodCall count, int... positions) {
    MethodCall call = count;
    for (int position : positions) {
      call =
          position == NativeMethods.Numbered.ABSENT
              ? call.with((Object) null)
              : call.withArgument(position);
    }
    return call;
  }

  private static Method counter(Class<?>... leading) {
    Class<?>[] parameters = new Class<?>[leading.length + 3];
    Arrays.fill(parameters, LongPointer.class);
    System.arraycopy(leading, 0, parameters, 0, leading.length);
    try {
      return CountingNativeOps.class.getDeclaredMethod("executed", parameters);
    } catch (NoSuchMethodException e) {
      throw new LinkageError("CountingNativeOps has no such counter", e);
    }
  }

  private static <T> Class<? extends T> load(DynamicType.Unloaded<T> type) {
    return type.load(
            HookClasses.class.getClassLoader(),
            ClassLoadingStrategy.UsingLookup.of(MethodHandles.lookup()))
        .getLoaded();
  }
}
