package org.ergometer.accounting.nd4j;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.function.BiFunction;

/**
 * Program that makes the hook's subclasses of the CUDA backend's classes, without initializing
 * these, and prints the methods they override.
 */
final class CudaHookClasses {

  private CudaHookClasses() {}

  public static void main(String[] arguments) throws ClassNotFoundException {
    print("org.nd4j.linalg.jcublas.JCublasNDArrayFactory", HookClasses::arrayFactory);
    print("org.nd4j.jita.memory.CudaMemoryManager", HookClasses::memoryManager);
    print(
        "org.nd4j.linalg.jcublas.buffer.factory.CudaDataBufferFactory", HookClasses::bufferFactory);
  }

  private static void print(String name, BiFunction<String, Class<?>, Class<?>> generator)
      throws ClassNotFoundException {
    Class<?> type = Class.forName(name, false, CudaHookClasses.class.getClassLoader());
    Class<?> made = generator.apply("Cuda" + type.getSimpleName(), type);
    Arrays.stream(made.getDeclaredMethods())
        .map(Method::getName)
        .distinct()
        .sorted()
        .forEach(method -> System.out.println(made.getSuperclass().getSimpleName() + "." + method));
  }
}
