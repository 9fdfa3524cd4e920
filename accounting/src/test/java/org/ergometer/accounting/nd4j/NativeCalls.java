package org.ergometer.accounting.nd4j;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Every known way from ND4J and DL4J into native code past {@code NativeOps}, as {@code
 * Class.method -> Class.method}, with the reason why nothing is lost there.
 */
final class NativeCalls {

  /** Why a call needs no counting where it is. */
  enum Verdict {
    /** Works on data, and is counted by the class named in the reason. */
    COUNTED_ELSEWHERE,
    /** Does no work on tensors. */
    NO_DATA_WORK
  }

  /** Calls that match {@code pattern}, from beginning to end. */
  record Known(Verdict verdict, Pattern pattern, String reason) {
    boolean counted() {
      return verdict == Verdict.COUNTED_ELSEWHERE;
    }

    boolean matches(String call) {
      return pattern.matcher(call).matches();
    }
  }

  static final List<Known> ALL =
      List.of(
          counted("CpuLevel[123]\\.(\\w+) -> openblas_nolapack\\.cblas_\\1", "CountedBlas"),
          counted("CpuLapack\\.\\w+ -> openblas\\.LAPACKE_\\w+", "CountedBlas"),
          counted("BasicMemoryManager\\.memcpy -> Pointer\\.memcpy", "CountedMemory.copied"),
          counted("CpuMemoryManager\\.memset -> Pointer\\.memset", "CountedMemory.cleared"),
          counted("CpuMemoryManager\\.allocate -> Pointer\\.memset", "CountedMemory.allocated"),
          counted(
              "(BaseDataBuffer\\.fillPointerWithZero|Nd4jWorkspace\\.alloc) -> Pointer\\.memset",
              "CountedMemory.created"),
          counted("NDArray\\.unsafeDuplication -> Pointer\\.memcpy", "CountedMemory.duplicated"),
          counted(
              "NativeOpExecutioner\\.executeGraph -> (Pointer\\.memcpy|LongPointer\\.get"
                  + "|IntPointer\\.put|PointerPointer\\.put)",
              "a stored graph is one op, shown as not accounted for"),
          nothing(
              "BaseCpuDataBuffer\\.<init> -> (\\w+Pointer\\.(put|<init>)|Pointer\\.memcpy)",
              "an array made of Java values: data comes in, no op runs"),
          nothing(
              "BaseCpuDataBuffer\\.reallocate -> Pointer\\.memcpy",
              "a buffer grown by hand; no array of ND4J's or DL4J's does so"),
          nothing(
              "Utf8Buffer\\.\\w+ -> \\w+Pointer\\.(put|get)"
                  + "|Utf8Buffer\\.<init> -> \\w+Pointer\\.(put|get)"
                  + "|NDArray\\.stringBuffer -> BytePointer\\.get"
                  + "|NativeOpExecutioner\\.getString -> (BytePointer\\.getString"
                  + "|Nd4jCpu\\$utf8string\\.\\w+)",
              "strings"),
          nothing(
              "CpuOpContext\\.set[BDIT]Arguments -> \\w+Pointer\\.<init>",
              "arguments of a custom op"),
          nothing(
              "NativeOpExecutioner\\.(exec|calculateOutputShape|createShapeInfo"
                  + "|tadShapeInfoAndOffsets|getShapeFromPointer)"
                  + " -> \\w+Pointer\\.(put|get|<init>)",
              "arguments, shapes and addresses of an op"),
          nothing(
              "CpuNDArrayFactory\\.\\w+ -> (PointerPointer|LongPointer|IntPointer)\\.(put|<init>)",
              "addresses and indices of an op of NativeOps"),
          nothing(
              "NativeOpExecutioner\\.inspectArray -> Nd4jCpu\\$DebugInfo\\.\\w+",
              "the answer of inspectArray, which is counted"),
          nothing(
              "(CpuEnvironment\\.\\S+|NativeOpExecutioner\\.(<init>|exec))"
                  + " -> Nd4jCpu\\$Environment\\.\\w+",
              "settings of the native library"),
          nothing("CpuWorkspace\\.init -> LongPointer\\.get", "touches one word of new memory"),
          nothing(
              "CpuLapack\\.[sd]syev -> (Float|Double)Pointer\\.get",
              "the size that LAPACK wants for its work space"),
          nothing(
              "CpuLevel1\\.[sd]rotm?g -> ((Float|Double)Pointer\\.<init>"
                  + "|openblas_nolapack\\.cblas_[sd]rotm?g)",
              "a rotation's four or five scalars"),
          nothing(
              "BaseNativeNDArrayFactory\\.\\w+ -> (Pointer\\.memcpy|\\w+Pointer\\.(get|<init>))",
              "exchange of files and buffers with NumPy"),
          nothing(
              "(CpuFlexibleThreshold|CpuThreshold|Gzip|NoOp|AbstractCompressor"
                  + "|CompressedDataBuffer)\\.\\w+"
                  + " -> (Pointer\\.memcpy|\\w+Pointer\\.(put|get|getStringBytes|<init>))",
              "compressed arrays, made for storage and sending; no op works on them"),
          nothing(
              "(BinarySerde\\.toArrayAndByteBuffer|NativeGraphExecutioner\\.executeGraph)"
                  + " -> BytePointer\\.<init>",
              "serialized arrays and graphs"),
          nothing(
              "(CrashReportingUtil|SystemInfo)\\.\\w+ -> Pointer\\.physicalBytes",
              "how much memory the process uses"));

  /** Those of ND4J's CUDA backend, beside the ones above. */
  static final List<Known> CUDA =
      List.of(
          counted(
              "JcublasLevel[123]\\.([sdh])(\\w+) -> cublas\\.cublas[SDH]\\2(_v2|Ex)?"
                  + "|JcublasLevel1\\.i[sd]amax -> cublas\\.cublasI[sd]amax_v2",
              "CountedBlas"),
          counted(
              "JcublasLapack\\.\\w+ -> cusolver\\.cusolverDn[SD]\\w+(?<!_bufferSize|SetStream)",
              "CountedBlas"),
          counted("CudaMemoryManager\\.memcpy -> Pointer\\.memcpy", "CountedMemory.copied"),
          counted("CudaMemoryManager\\.memset -> Pointer\\.memset", "CountedMemory.cleared"),
          counted("CudaMemoryManager\\.allocate -> Pointer\\.memset", "CountedMemory.allocated"),
          counted("CudaWorkspace\\.alloc -> Pointer\\.memset", "CountedMemory.created"),
          counted(
              "CudaExecutioner\\.executeGraph -> (Pointer\\.memcpy|LongPointer\\.get"
                  + "|IntPointer\\.put|PointerPointer\\.put)",
              "a stored graph is one op, shown as not accounted for"),
          nothing(
              "BaseCudaDataBuffer\\.(<init>|set) -> \\w+Pointer\\.<init>",
              "an array made of Java values: data comes in, no op runs"),
          nothing(
              "BaseCudaDataBuffer\\.reallocate -> Pointer\\.memcpy",
              "a buffer grown by hand; no array of ND4J's or DL4J's does so"),
          nothing(
              "CudaZeroHandler\\.memcpyAsync -> Pointer\\.memcpy",
              "a constant's few bytes on their way to the device"),
          nothing(
              "CudaUtf8Buffer\\.(<init>|\\w+) -> \\w+Pointer\\.(put|get)"
                  + "|JCublasNDArray\\.stringBuffer -> BytePointer\\.get"
                  + "|CudaExecutioner\\.getString -> (BytePointer\\.getString"
                  + "|Nd4jCuda\\$utf8string\\.\\w+)",
              "strings"),
          nothing(
              "CudaOpContext\\.set[BDIT]Arguments -> \\w+Pointer\\.<init>",
              "arguments of a custom op"),
          nothing(
              "CudaExecutioner\\.(exec|calculateOutputShape|createShapeInfo|createConstantBuffer"
                  + "|tadShapeInfoAndOffsets|getShapeFromPointer|inspectArray|intercept|invoke"
                  + "|naiveExec|scatterUpdate) -> \\w+Pointer\\.(put|get|<init>)"
                  + "|AllocationUtils\\.getPointersBuffer -> LongPointer\\.<init>",
              "arguments, shapes and addresses of an op"),
          nothing(
              "JCublasNDArrayFactory\\.\\w+"
                  + " -> (PointerPointer|LongPointer|IntPointer)\\.(put|<init>)",
              "addresses and indices of an op of NativeOps"),
          nothing(
              "CudaExecutioner\\.inspectArray -> Nd4jCuda\\$DebugInfo\\.\\w+",
              "the answer of inspectArray, which is counted"),
          nothing(
              "(CudaEnvironment\\.\\S+|JCublasBackend\\.logBackendInit)"
                  + " -> Nd4jCuda\\$Environment\\.\\w+",
              "settings of the native library"),
          nothing("JCublasBackend\\.canRun -> cudart\\.cudaGetDeviceCount", "how many GPUs"),
          nothing("CudaContext\\.\\w+ -> PointerPointer\\.get", "handles of streams and libraries"),
          nothing(
              "Jcublas(Level[123]|Lapack)\\.\\w+"
                  + " -> (cublas\\.cublasSetStream_v2|cusolver\\.cusolverDnSetStream"
                  + "|cusolver\\.cusolverDn\\w+_bufferSize)",
              "on which stream, and with how much work space, a counted routine runs"),
          nothing(
              "JcublasLevel[123]\\.\\w+ -> (Float|Double|Int|Short)Pointer\\.(<init>|get|put)",
              "a routine's scalars"));

  private NativeCalls() {}

  private static Known counted(String pattern, String reason) {
    return new Known(Verdict.COUNTED_ELSEWHERE, Pattern.compile(pattern), reason);
  }

  private static Known nothing(String pattern, String reason) {
    return new Known(Verdict.NO_DATA_WORK, Pattern.compile(pattern), reason);
  }
}
