package org.ergometer.accounting.energy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** NVIDIA's management library, loaded and ready, with the GPUs that it lists. */
public final class Nvml implements AutoCloseable {

  private static final String LINUX_NAME = "libnvidia-ml.so.1";
  private static final String WINDOWS_NAME = "nvml";

  /** What the driver's kernel module leaves, also under WSL; without it, no library is loaded. */
  private static final List<Path> DRIVER_TRACES =
      List.of(Path.of("/dev/nvidiactl"), Path.of("/proc/driver/nvidia"), Path.of("/dev/dxg"));

  private static final int LONGEST_TEXT = 96;
  private static final int CUDA_MAJOR = 1000;

  private final NvmlLibrary library;
  private final String driver;
  private final List<Pointer> handles;
  private final List<NvidiaGpu> gpus;

  private Nvml(NvmlLibrary library) {
    this.library = library;
    this.driver = text(bytes -> library.nvmlSystemGetDriverVersion(bytes, bytes.length));
    this.handles = handles();
    this.gpus = new ArrayList<>();
    for (int index = 0; index < handles.size(); index++) {
      gpus.add(describe(index, handles.get(index)));
    }
  }

  /** The library, or why there is none. */
  public sealed interface Opened {

    /** It answers; to be closed. */
    record Ready(Nvml nvml) implements Opened {}

    /** It does not. */
    record Absent(String reason) implements Opened {}
  }

  /** A call that fills a text. */
  private interface TextCall {
    int fill(byte[] bytes);
  }

  /** A status that is no success. */
  private static final class NvmlException extends RuntimeException {
    NvmlException(String message) {
      super(message);
    }
  }

  /**
   * Loads the library.
   *
   * @param file of another library than the driver's; null for the driver's
   */
  public static Opened open(@Nullable Path file) {
    boolean linux = System.getProperty("os.name", "").startsWith("Linux");
    if (file == null && linux && DRIVER_TRACES.stream().noneMatch(Files::exists)) {
      return new Opened.Absent("no NVIDIA driver is loaded");
    }
    if (file != null && !Files.isRegularFile(file)) {
      return new Opened.Absent(file + " does not exist");
    }
    String name =
        file != null ? file.toAbsolutePath().toString() : linux ? LINUX_NAME : WINDOWS_NAME;
    try {
      NvmlLibrary library = Native.load(name, NvmlLibrary.class);
      int status = library.nvmlInit_v2();
      if (status != NvmlLibrary.SUCCESS) {
        return new Opened.Absent("NVML does not start: " + library.nvmlErrorString(status));
      }
      return new Opened.Ready(new Nvml(library));
    } catch (NvmlException e) {
      return new Opened.Absent(String.valueOf(e.getMessage()));
    } catch (LinkageError e) {
      return new Opened.Absent(name + " cannot be loaded: " + firstLine(e));
    }
  }

  /** The GPUs as they were when the library was opened, in the driver's order. */
  public List<NvidiaGpu> gpus() {
    return List.copyOf(gpus);
  }

  /** Version of the driver. */
  public String driver() {
    return driver;
  }

  /** The newest generation of CUDA that the driver runs; null if it does not tell. */
  public @Nullable Integer cudaMajor() {
    int[] version = new int[1];
    return status(() -> library.nvmlSystemGetCudaDriverVersion_v2(version)) == 0
        ? version[0] / CUDA_MAJOR
        : null;
  }

  /** Millijoules since the driver was loaded, or a negative number if they cannot be had. */
  long millijoules(int gpu, long[] into) {
    return status(() -> library.nvmlDeviceGetTotalEnergyConsumption(handles.get(gpu), into)) == 0
        ? into[0]
        : -1;
  }

  /** Milliwatts now, or a negative number if they cannot be had. */
  int milliwatts(int gpu, int[] into) {
    return status(() -> library.nvmlDeviceGetPowerUsage(handles.get(gpu), into)) == 0
        ? into[0]
        : -1;
  }

  /** Lets go of the library. */
  @Override
  public void close() {
    library.nvmlShutdown();
  }

  private List<Pointer> handles() {
    int[] count = new int[1];
    require("count of GPUs", library.nvmlDeviceGetCount_v2(count));
    List<Pointer> found = new ArrayList<>();
    for (int index = 0; index < count[0]; index++) {
      Pointer[] handle = new Pointer[1];
      require("GPU " + index, library.nvmlDeviceGetHandleByIndex_v2(index, handle));
      found.add(handle[0]);
    }
    return found;
  }

  private NvidiaGpu describe(int index, Pointer gpu) {
    int[] major = new int[1];
    int[] minor = new int[1];
    require(
        "compute capability of GPU " + index,
        library.nvmlDeviceGetCudaComputeCapability(gpu, major, minor));
    long[] memory = new long[3];
    boolean memoryKnown = status(() -> library.nvmlDeviceGetMemoryInfo(gpu, memory)) == 0;
    int[] celsius = new int[1];
    boolean warm =
        status(() -> library.nvmlDeviceGetTemperature(gpu, NvmlLibrary.TEMPERATURE_GPU, celsius))
            == 0;
    int[] current = new int[1];
    boolean mig =
        status(() -> library.nvmlDeviceGetMigMode(gpu, current, new int[1])) == 0
            && current[0] != 0;
    int counter = status(() -> library.nvmlDeviceGetTotalEnergyConsumption(gpu, new long[1]));
    int power = status(() -> library.nvmlDeviceGetPowerUsage(gpu, new int[1]));
    return new NvidiaGpu(
        index,
        text(bytes -> library.nvmlDeviceGetName(gpu, bytes, bytes.length)),
        text(bytes -> library.nvmlDeviceGetUUID(gpu, bytes, bytes.length)),
        driver,
        major[0],
        minor[0],
        memoryKnown ? memory[0] : null,
        memoryKnown ? memory[2] : null,
        warm ? celsius[0] : null,
        mig,
        counter == 0 ? EnergyMethod.NVML_COUNTER : power == 0 ? EnergyMethod.NVML_POWER : null,
        counter == 0 || power == 0 ? null : obstacle(power, mig));
  }

  private String obstacle(int status, boolean mig) {
    String reason =
        switch (status) {
          case NvmlLibrary.NOT_SUPPORTED -> "this GPU tells neither its energy nor its power";
          case NvmlLibrary.NO_PERMISSION -> "the driver forbids this user to read energy and power";
          default -> "energy and power cannot be read: " + library.nvmlErrorString(status);
        };
    return mig ? reason + " (it is divided by MIG; the whole GPU alone is metered)" : reason;
  }

  private String text(TextCall call) {
    byte[] bytes = new byte[LONGEST_TEXT];
    return status(() -> call.fill(bytes)) == 0 ? Native.toString(bytes, UTF_8.name()) : "unknown";
  }

  private void require(String what, int status) {
    if (status != NvmlLibrary.SUCCESS) {
      throw new NvmlException(
          "NVML does not tell the %s: %s".formatted(what, library.nvmlErrorString(status)));
    }
  }

  /** A function that an older library lacks is as good as one that is not supported. */
  private static int status(IntSupplier call) {
    try {
      return call.getAsInt();
    } catch (UnsatisfiedLinkError e) {
      return NvmlLibrary.NOT_SUPPORTED;
    }
  }

  private static String firstLine(Throwable thrown) {
    String message = String.valueOf(thrown.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
