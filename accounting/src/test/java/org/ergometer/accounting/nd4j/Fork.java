package org.ergometer.accounting.nd4j;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Runs a main class in a JVM of its own, with this one's class path and arguments. */
final class Fork {

  private static final long TIMEOUT_MINUTES = 5;

  private Fork() {}

  /** What the program printed on standard output, line by line; it must end well. */
  static List<String> run(Class<?> main, Path directory, String... jvmArguments) {
    return runWith("", main, directory, jvmArguments);
  }

  /** The same with more on the class path. */
  static List<String> runWith(
      String moreClassPath, Class<?> main, Path directory, String... jvmArguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-javaagent") && !argument.startsWith("-agent"))
        .forEach(command::add);
    command.addAll(List.of(jvmArguments));
    String classPath = System.getProperty("java.class.path");
    command.add("-cp");
    command.add(
        moreClassPath.isEmpty() ? classPath : classPath + File.pathSeparator + moreClassPath);
    command.add(main.getName());
    Path output = directory.resolve("output.txt");
    Path errors = directory.resolve("errors.txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError(main.getSimpleName() + " did not end; it said " + text(errors));
      }
      if (process.exitValue() != 0) {
        throw new AssertionError(main.getSimpleName() + " failed: " + text(errors));
      }
      return Files.readAllLines(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** The argument that loads {@link NativeCallAgent}: a jar of a manifest alone, made here. */
  static String agentArgument(Path directory) {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Premain-Class", NativeCallAgent.class.getName());
    attributes.putValue("Can-Set-Native-Method-Prefix", "true");
    File jar = directory.resolve("agent.jar").toFile();
    try (JarOutputStream stream =
        new JarOutputStream(Files.newOutputStream(jar.toPath()), manifest)) {
      stream.flush();
      return "-javaagent:" + jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
