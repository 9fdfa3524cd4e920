/*
 * A stand-in for NVIDIA's management library with GPUs that draw a known power:
 * 200 W + 100 W sin(2 pi t), t in seconds since nvmlInit.
 * Compiled for a test; GPUS, NAME, MAJOR, MINOR, NEXT_MAJOR, NEXT_MINOR, CUDA, WITHOUT_COUNTER, WITHOUT_MIG, ALL_MIG, SLOW, FORBIDDEN and BROKEN
 * change what it has.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifndef GPUS
#define GPUS 1
#endif

#ifndef NAME
#define NAME "NVIDIA Fake"
#define MAJOR 8
#define MINOR 6
#endif
/* Those of all GPUs but the first. */
#ifndef NEXT_MAJOR
#define NEXT_MAJOR MAJOR
#define NEXT_MINOR MINOR
#endif
#ifndef CUDA
#define CUDA 12040
#endif

static double start;
static int devices[GPUS];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

int nvmlInit_v2(void) {
#ifdef BROKEN
  return 9;
#endif
  start = now();
  return 0;
}
int nvmlShutdown(void) { return 0; }

const char *nvmlErrorString(int status) {
  return status == 9 ? "Driver Not Loaded" : status == 3 ? "Not Supported" : "Insufficient Permissions";
}
int nvmlSystemGetDriverVersion(char *version, unsigned length) {
  snprintf(version, length, "550.54.15");
  return 0;
}
int nvmlSystemGetCudaDriverVersion_v2(int *version) {
  *version = CUDA;
  return 0;
}
int nvmlDeviceGetCount_v2(unsigned *count) {
  *count = GPUS;
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
  devices[index] = index;
  *device = &devices[index];
  return 0;
}
int nvmlDeviceGetName(void *device, char *name, unsigned length) {
  snprintf(name, length, NAME " %d", *(int *)device);
  return 0;
}
int nvmlDeviceGetCudaComputeCapability(void *device, int *major, int *minor) {
  *major = *(int *)device == 0 ? MAJOR : NEXT_MAJOR;
  *minor = *(int *)device == 0 ? MINOR : NEXT_MINOR;
  return 0;
}
int nvmlDeviceGetUUID(void *device, char *uuid, unsigned length) {
  snprintf(uuid, length, "GPU-8932f93%d-d72c-4106-c12f-20bd9faed9f6", *(int *)device);
  return 0;
}
int nvmlDeviceGetMemoryInfo(void *device, unsigned long long *memory) {
  memory[0] = 24ULL << 30;
  memory[1] = 20ULL << 30;
  memory[2] = 4ULL << 30;
  return 0;
}
int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *celsius) {
  *celsius = 55;
  return 0;
}
#ifndef WITHOUT_MIG
int nvmlDeviceGetMigMode(void *device, unsigned *current, unsigned *pending) {
#ifdef ALL_MIG
  *current = *pending = 1;
  return 0;
#endif
  *current = *pending = *(int *)device == 1;
  return 0;
}
#endif
/* The integral of the power: 200 t + 100 / (2 pi) (1 - cos(2 pi t)), in whole millijoules. */
int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *millijoules) {
#ifdef FORBIDDEN
  return 4;
#endif
#ifdef WITHOUT_COUNTER
  return 3;
#endif
#ifdef SLOW
  for (double end = now() + 0.002; now() < end;) {
  }
#endif
  double t = now() - start;
  *millijoules = 1e3 * (200 * t + 100 / (2 * M_PI) * (1 - cos(2 * M_PI * t)));
  return 0;
}
int nvmlDeviceGetPowerUsage(void *device, unsigned *milliwatts) {
#ifdef FORBIDDEN
  return 4;
#endif
  *milliwatts = 1e3 * (200 + 100 * sin(2 * M_PI * (now() - start)));
  return 0;
}
