package org.ergometer.accounting.nd4j;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.function.BiFunction;
import org.nd4j.linalg.api.blas.impl.BaseLapack;
import org.nd4j.linalg.api.blas.impl.BaseLevel1;
import org.nd4j.linalg.api.blas.impl.BaseLevel2;
import org.nd4j.linalg.api.blas.impl.BaseLevel3;

/**
 * Program that makes the hook's subclasses of the CUDA backend's classes, without initializing
 * these, and prints the methods they override.
 */
final class CudaHookClasses {

  private CudaHookClasses() {}

  public static void main(String[] arguments) {
    print("org.nd4j.linalg.jcublas.JCublasNDArrayFactory", HookClasses::arrayFactory);
    print("org.nd4j.jita.memory.CudaMemoryManager", HookClasses::memoryManager);
    print(
        "org.nd4j.linalg.jcublas.buffer.factory.CudaDataBufferFactory", HookClasses::bufferFactory);
    printBlas("JcublasLevel1", BaseLevel1.class);
    printBlas("JcublasLevel2", BaseLevel2.class);
    printBlas("JcublasLevel3", BaseLevel3.class);
    printBlas("JcublasLapack", BaseLapack.class);
  }

  private static void printBlas(String name, Class<?> base) {
    print(
        "org.nd4j.linalg.jcublas.blas." + name,
        (simpleName, type) -> {
          try {
            return CountedBlas.subclass(type, base);
          } catch (NoSuchMethodException e) {
            throw new LinkageError(name, e);
          }
        });
  }

  private static void print(String name, BiFunction<String, Class<?>, Class<?>> generator) {
    Class<?> type;
    try {
      type = Class.forName(name, false, CudaHookClasses.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new LinkageError(name, e);
    }
    Class<?> made = generator.apply("Cuda" + type.getSimpleName(), type);
    Arrays.stream(made.getDeclaredMethods())
        .map(Method::getName)
        .distinct()
        .sorted()
        .forEach(method -> System.out.println(made.getSuperclass().getSimpleName() + "." + method));
  }
}
