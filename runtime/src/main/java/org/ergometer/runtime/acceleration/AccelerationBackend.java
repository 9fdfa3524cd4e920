package org.ergometer.runtime.acceleration;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.nd4j.common.io.AbstractResource;
import org.nd4j.common.io.Resource;
import org.nd4j.linalg.cpu.nativecpu.CpuBackend;
import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;

/**
 * ND4J's CPU backend with {@link AcceleratedNativeOps} as its native seam; ND4J finds it as a
 * service and prefers it to the plain one, but not to a GPU's.
 */
public final class AccelerationBackend extends Nd4jBackend {

  private final CpuBackend plain = new CpuBackend();

  /** Made by {@link java.util.ServiceLoader}. */
  public AccelerationBackend() {}

  @Override
  public boolean isAvailable() {
    return plain.isAvailable() && Acceleration.usable();
  }

  @Override
  public boolean canRun() {
    return isAvailable() && plain.canRun();
  }

  /** One above the backend that it stands for. */
  @Override
  public int getPriority() {
    return plain.getPriority() + 1;
  }

  @Override
  public boolean allowsOrder() {
    return plain.allowsOrder();
  }

  @Override
  public Resource getConfigurationResource() {
    Properties properties = new Properties();
    try (InputStream stream = plain.getConfigurationResource().getInputStream()) {
      properties.load(stream);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the configuration of " + plain, e);
    }
    properties.setProperty(Nd4j.NATIVE_OPS, AcceleratedNativeOps.class.getName());
    return new InMemory(properties);
  }

  @Override
  @SuppressWarnings("rawtypes") // as ND4J declares it
  public Class getNDArrayClass() {
    return plain.getNDArrayClass();
  }

  @Override
  public Environment getEnvironment() {
    return plain.getEnvironment();
  }

  @Override
  public String buildInfo() {
    return plain.buildInfo();
  }

  @Override
  public void logBackendInit() {
    plain.logBackendInit();
  }

  /** Properties as ND4J wants them: a resource with a stream. */
  private static final class InMemory extends AbstractResource {
    private final Properties properties;

    InMemory(Properties properties) {
      this.properties = properties;
    }

    @Override
    public String getDescription() {
      return "configuration of " + AccelerationBackend.class.getName();
    }

    @Override
    public InputStream getInputStream() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      properties.store(bytes, null);
      return new ByteArrayInputStream(bytes.toByteArray());
    }
  }
}
