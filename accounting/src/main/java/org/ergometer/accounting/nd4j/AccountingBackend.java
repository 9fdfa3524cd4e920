package org.ergometer.accounting.nd4j;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.Objects;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.common.io.AbstractResource;
import org.nd4j.common.io.Resource;
import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;

/**
 * A backend of ND4J that is the best other one on the class path, CPU or CUDA, with its native seam
 * decorated so that executed ops can be counted.
 *
 * <p>Being on the class path is the installation: ND4J finds this class as a service, and prefers
 * it. The decorator only hands calls on until {@link Accounting#start} attaches a ledger. {@code
 * -Dergometer.accounting=off} leaves ND4J exactly as it is without this module.
 */
public final class AccountingBackend extends Nd4jBackend {

  /** System property; {@code off} keeps the hook out. */
  public static final String PROPERTY = "ergometer.accounting";

  private static final String OFF = "off";

  /** ND4J's own property: a list of backends that may be used, by class name. */
  private static final String ALLOWED = "backends";

  /** ND4J's properties that name the classes it uses; private there. */
  private static final String ARRAY_FACTORY = "ndarrayfactory.class";

  private static final String MEMORY_MANAGER = "memorymanager";
  private static final String BUFFER_FACTORY = "databufferfactory";

  private @Nullable Nd4jBackend wrapped;
  private @Nullable Properties configuration;

  /** Made by {@link ServiceLoader}. */
  public AccountingBackend() {}

  static boolean switchedOff() {
    return OFF.equals(System.getProperty(PROPERTY));
  }

  @Override
  public boolean isAvailable() {
    String allowed = System.getProperty(ALLOWED);
    boolean excluded = allowed != null && !allowed.contains(getClass().getName());
    return !switchedOff() && !excluded && find() != null;
  }

  @Override
  public boolean canRun() {
    return isAvailable() && wrapped().canRun();
  }

  /** One above the backend that is wrapped, so that ND4J takes this one. */
  @Override
  public int getPriority() {
    Nd4jBackend backend = switchedOff() ? null : find();
    return backend == null ? Integer.MIN_VALUE / 2 : backend.getPriority() + 1;
  }

  @Override
  public boolean allowsOrder() {
    return wrapped().allowsOrder();
  }

  @Override
  public Resource getConfigurationResource() {
    if (configuration == null) {
      configuration = decorate(propertiesOf(wrapped()));
    }
    return new InMemory(configuration);
  }

  @Override
  @SuppressWarnings("rawtypes") // as ND4J declares it
  public Class getNDArrayClass() {
    return wrapped().getNDArrayClass();
  }

  @Override
  public Environment getEnvironment() {
    return wrapped().getEnvironment();
  }

  @Override
  public String buildInfo() {
    return wrapped().buildInfo();
  }

  @Override
  public void logBackendInit() {
    wrapped().logBackendInit();
  }

  private static Properties decorate(Properties properties) {
    Installation.decorate(properties.getProperty(Nd4j.NATIVE_OPS).strip());
    properties.setProperty(Nd4j.NATIVE_OPS, HookClasses.nativeOps("InstalledNativeOps").getName());
    extend(properties, ARRAY_FACTORY, HookClasses::arrayFactory, "ArrayFactory");
    extend(properties, MEMORY_MANAGER, HookClasses::memoryManager, "MemoryManager");
    extend(properties, BUFFER_FACTORY, HookClasses::bufferFactory, "BufferFactory");
    return properties;
  }

  private static void extend(
      Properties properties,
      String property,
      BiFunction<String, Class<?>, Class<?>> generator,
      String simpleName) {
    String name = properties.getProperty(property).strip();
    ClassLoader loader = ND4JClassLoading.getNd4jClassloader();
    Class<?> type = ND4JClassLoading.loadClassByName(name, false, loader);
    if (type == null) {
      throw new IllegalStateException(
          "the backend's %s is not on the class path: %s".formatted(property, name));
    }
    properties.setProperty(property, generator.apply("Installed" + simpleName, type).getName());
  }

  private Nd4jBackend wrapped() {
    return Objects.requireNonNull(find(), "no backend of ND4J is on the class path");
  }

  private @Nullable Nd4jBackend find() {
    if (wrapped == null) {
      wrapped =
          ND4JClassLoading.loadService(Nd4jBackend.class).stream()
              .filter(provider -> provider.type() != AccountingBackend.class)
              .map(ServiceLoader.Provider::get)
              // The best first: whether a backend is available it only knows by loading libraries.
              .sorted(Comparator.comparingInt(Nd4jBackend::getPriority).reversed())
              .filter(AccountingBackend::available)
              .findFirst()
              .orElse(null);
    }
    return wrapped;
  }

  /** A backend whose native libraries are missing says so by throwing. */
  private static boolean available(Nd4jBackend backend) {
    try {
      return backend.isAvailable();
    } catch (RuntimeException | LinkageError missing) {
      return false;
    }
  }

  private static Properties propertiesOf(Nd4jBackend backend) {
    Properties properties = new Properties();
    try (InputStream stream = backend.getConfigurationResource().getInputStream()) {
      properties.load(stream);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the configuration of " + backend, e);
    }
    return properties;
  }

  /** Properties as ND4J wants them: a resource with a stream. */
  private static final class InMemory extends AbstractResource {
    private final Properties properties;

    InMemory(Properties properties) {
      this.properties = properties;
    }

    @Override
    public String getDescription() {
      return "configuration of " + AccountingBackend.class.getName();
    }

    @Override
    public InputStream getInputStream() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      properties.store(bytes, null);
      return new ByteArrayInputStream(bytes.toByteArray());
    }
  }
}
