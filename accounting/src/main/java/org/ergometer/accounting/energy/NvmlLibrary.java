package org.ergometer.accounting.energy;

import com.sun.jna.Library;
import com.sun.jna.Pointer;

/**
 * The functions of NVIDIA's management library that are used here (NVML API Reference Guide).
 * Results go into arrays of one element; each call gives a status, 0 for success.
 */
interface NvmlLibrary extends Library {

  int SUCCESS = 0;
  int NOT_SUPPORTED = 3;
  int NO_PERMISSION = 4;
  int TEMPERATURE_GPU = 0;

  int nvmlInit_v2();

  int nvmlShutdown();

  String nvmlErrorString(int status);

  int nvmlSystemGetDriverVersion(byte[] version, int length);

  /** Version of CUDA that the driver runs: 1000 times its major plus 10 times its minor number. */
  int nvmlSystemGetCudaDriverVersion_v2(int[] version);

  int nvmlDeviceGetCount_v2(int[] count);

  int nvmlDeviceGetHandleByIndex_v2(int index, Pointer[] device);

  int nvmlDeviceGetName(Pointer device, byte[] name, int length);

  /** Such as {@code GPU-8932f937-d72c-4106-c12f-20bd9faed9f6}. */
  int nvmlDeviceGetUUID(Pointer device, byte[] uuid, int length);

  int nvmlDeviceGetCudaComputeCapability(Pointer device, int[] major, int[] minor);

  /** Bytes in all, free and used. */
  int nvmlDeviceGetMemoryInfo(Pointer device, long[] memory);

  /** Degrees Celsius. */
  int nvmlDeviceGetTemperature(Pointer device, int sensor, int[] celsius);

  int nvmlDeviceGetMigMode(Pointer device, int[] current, int[] pending);

  /** Millijoules since the driver was loaded; Volta and newer. */
  int nvmlDeviceGetTotalEnergyConsumption(Pointer device, long[] millijoules);

  /** Milliwatts; the mean of a second on Ampere and newer, which have the counter above. */
  int nvmlDeviceGetPowerUsage(Pointer device, int[] milliwatts);
}
