package org.ergometer.accounting.nd4j;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What every method of {@code NativeOps} does, in one table: a method that is not here is not
 * understood, and a test says so.
 */
final class NativeMethods {

  /** Kind of a native method. */
  enum Kind {
    /** Computes on tensors: counted. */
    COMPUTE,
    /** Moves tensors: counted, with its bytes. */
    COPY,
    /**
     * Obtains, grows or releases memory, or keeps host and device copies of it coherent; what it
     * may move is not visible at this seam.
     */
    ALLOCATE,
    /** Describes, configures, asks or synchronizes; touches no tensor's elements. */
    META
  }

  /**
   * A numbered op: its family, and where in the parameter list the number and the host shape
   * descriptors are.
   *
   * @param x position of the first input's descriptor, or {@link #ABSENT}
   * @param y position of the second input's descriptor, or {@link #ABSENT}
   * @param z position of the output's descriptor
   */
  record Numbered(String method, LegacyOps family, int x, int y, int z) {
    static final int NUMBER = 1;
    static final int ABSENT = SubclassWriter.ABSENT;
  }

  /** An op that has a native method to itself; positions as in {@link Numbered}. */
  record Plain(String method, SeamOp op, int x, int y, int z) {}

  static final List<Plain> PLAIN =
      List.of(
          new Plain(
              "execAggregateBatch",
              SeamOp.AGGREGATE_BATCH,
              Numbered.ABSENT,
              Numbered.ABSENT,
              Numbered.ABSENT),
          new Plain("sort", SeamOp.SORT, 2, Numbered.ABSENT, 2),
          new Plain("sortTad", SeamOp.SORT, 2, Numbered.ABSENT, 2),
          new Plain("inspectArray", SeamOp.INSPECT, 2, Numbered.ABSENT, Numbered.ABSENT));

  static final List<Numbered> NUMBERED =
      List.of(
          new Numbered("execTransformFloat", LegacyOps.TRANSFORM_FLOAT, 3, Numbered.ABSENT, 6),
          new Numbered("execTransformSame", LegacyOps.TRANSFORM_SAME, 3, Numbered.ABSENT, 6),
          new Numbered("execTransformBool", LegacyOps.TRANSFORM_BOOL, 3, Numbered.ABSENT, 6),
          new Numbered("execTransformStrict", LegacyOps.TRANSFORM_STRICT, 3, Numbered.ABSENT, 6),
          new Numbered("execTransformAny", LegacyOps.TRANSFORM_ANY, 3, Numbered.ABSENT, 6),
          new Numbered("execScalar", LegacyOps.SCALAR, 3, 9, 6),
          new Numbered("execScalarBool", LegacyOps.SCALAR_BOOL, 3, 9, 6),
          new Numbered("execScalarTad", LegacyOps.SCALAR, 3, 9, 6),
          new Numbered("execScalarBoolTad", LegacyOps.SCALAR_BOOL, 3, 9, 6),
          new Numbered("execBroadcast", LegacyOps.BROADCAST, 3, 6, 9),
          new Numbered("execBroadcastBool", LegacyOps.BROADCAST_BOOL, 3, 6, 9),
          new Numbered("execPairwiseTransform", LegacyOps.PAIRWISE, 3, 6, 9),
          new Numbered("execPairwiseTransformBool", LegacyOps.PAIRWISE_BOOL, 3, 6, 9),
          new Numbered("execReduceFloat", LegacyOps.REDUCE_FLOAT, 3, Numbered.ABSENT, 7),
          new Numbered("execReduceFloat2", LegacyOps.REDUCE_FLOAT, 3, Numbered.ABSENT, 7),
          new Numbered("execReduceSame", LegacyOps.REDUCE_SAME, 3, Numbered.ABSENT, 7),
          new Numbered("execReduceSame2", LegacyOps.REDUCE_SAME, 3, Numbered.ABSENT, 7),
          new Numbered("execReduceBool", LegacyOps.REDUCE_BOOL, 3, Numbered.ABSENT, 7),
          new Numbered("execReduceBool2", LegacyOps.REDUCE_BOOL, 3, Numbered.ABSENT, 7),
          new Numbered("execReduceLong", LegacyOps.REDUCE_LONG, 3, Numbered.ABSENT, 7),
          new Numbered("execReduceLong2", LegacyOps.REDUCE_LONG, 3, Numbered.ABSENT, 7),
          new Numbered("execIndexReduceScalar", LegacyOps.INDEX_REDUCE, 3, Numbered.ABSENT, 7),
          new Numbered("execIndexReduce", LegacyOps.INDEX_REDUCE, 3, Numbered.ABSENT, 7),
          new Numbered("execSummaryStatsScalar", LegacyOps.SUMMARY, 3, Numbered.ABSENT, 7),
          new Numbered("execSummaryStats", LegacyOps.SUMMARY, 3, Numbered.ABSENT, 7),
          new Numbered("execSummaryStatsTad", LegacyOps.SUMMARY, 3, Numbered.ABSENT, 7),
          new Numbered("execReduce3", LegacyOps.REDUCE3, 3, 7, 10),
          new Numbered("execReduce3Scalar", LegacyOps.REDUCE3, 3, 7, 10),
          new Numbered("execReduce3Tad", LegacyOps.REDUCE3, 3, 7, 10),
          new Numbered("execReduce3All", LegacyOps.REDUCE3, 3, 7, 10),
          new Numbered("execRandom", LegacyOps.RANDOM, Numbered.ABSENT, Numbered.ABSENT, 4),
          new Numbered("execRandom2", LegacyOps.RANDOM, 4, Numbered.ABSENT, 7),
          new Numbered("execRandom3", LegacyOps.RANDOM, 4, 7, 10));

  private static final String COMPUTE =
      """
      execCustomOp execCustomOp2 execCustomOpWithScope execAggregate executeFlatGraph
      executeStoredGraph average accumulate sortCooIndices ravelMultiIndex unravelIndex
      scatterUpdate estimateThreshold""";

  private static final String COPY =
      """
      memcpySync memcpyAsync memcpyConstantAsync memsetSync memsetAsync specialConcat pullRows tear
      shuffle convertTypes numpyFromNd4j""";

  private static final String ALLOCATE =
      """
      mallocHost mallocDevice freeHost freeDevice getConstantSpace initRandom destroyRandom
      refreshBuffer reSeedBuffer numpyHeaderForNd4j loadNpyFromHeader numpyFromFile releaseNumpy
      mapFromNpzFile mmapFile munmapFile createUtf8String deleteUtf8String shapeBuffer shapeBufferEx
      constantBufferDouble constantBufferLong deleteConstantShapeBuffer deleteConstantDataBuffer
      createContext createStream createEvent createGraphContext deleteGraphContext
      createRandomGenerator deleteRandomGenerator getGraphState deleteGraphState registerGraph
      unregisterGraph tadOnlyShapeInfo deleteTadPack deleteIntArray deleteLongArray
      deletePointerArray deleteNPArrayStruct deleteNPArrayMap deleteVariablesSet
      deleteResultWrapper deleteShapeList allocateDataBuffer dbAllocateDataBuffer
      dbCreateExternalDataBuffer dbCreateView dbExpandBuffer dbExpand dbAllocatePrimaryBuffer
      dbAllocateSpecialBuffer dbSetPrimaryBuffer dbSetSpecialBuffer dbSyncToSpecial dbSyncToPrimary
      deleteDataBuffer dbClose""";

  private static final String META =
      """
      setElementThreshold setTADThreshold ompGetMaxThreads ompGetNumThreads setOmpNumThreads
      setOmpMinThreads initializeDevicesAndFunctions initializeFunctions registerEvent destroyEvent
      setDevice getDevice streamSynchronize eventSynchronize getDeviceFreeMemory
      getDeviceFreeMemoryDefault getDeviceTotalMemory getDeviceMajor getDeviceMinor getDeviceName
      setVedaDeviceLibFolder getAvailableDevices enableDebugMode enableVerboseMode setGridLimit
      getPrimaryShapeInfo getPrimaryOffsets getSpecialShapeInfo getSpecialOffsets getNumberOfTads
      getShapeInfoLength enableP2P checkP2P isP2PAvailable isExperimentalEnabled
      elementSizeForNpyArrayHeader dataPointForNumpyStruct dataPointForNumpyHeader
      shapeBufferForNumpyHeader dataPointForNumpy shapeBufferForNumpy lengthForShapeBufferPointer
      elementSizeForNpyArray pointerForAddress getNumNpyArraysInMap getNpyArrayNameFromMap
      getNpyArrayFromMap getNpyArrayData getNpyArrayShape getNpyArrayRank getNpyArrayOrder
      getNpyArrayElemSize getResultWrapperSize getResultWrapperPointer getAllCustomOps
      getAllOperations calculateOutputShapes calculateOutputShapes2 getShapeListSize getShape
      getVariablesSetSize getVariablesSetStatus getVariable getVariableId getVariableIndex
      getVariableName getVariableShape getVariableBuffer getUtf8StringLength getUtf8StringBuffer
      tryPointer dataTypeFromNpyHeader getConstantDataBufferPrimary getConstantDataBufferSpecial
      getConstantDataBufferLength getConstantShapeBufferPrimary getConstantShapeBufferSpecial
      getGraphContextRandomGenerator markGraphContextInplace setGraphContextCudaContext
      setGraphContextInputArray setGraphContextOutputArray setGraphContextInputBuffer
      setGraphContextOutputBuffer setGraphContextTArguments setGraphContextIArguments
      setGraphContextDArguments setGraphContextBArguments ctxAllowHelpers ctxSetExecutionMode
      ctxShapeFunctionOverride ctxPurge getRandomGeneratorRootState getRandomGeneratorNodeState
      setRandomGeneratorStates getRandomGeneratorRelativeFloat getRandomGeneratorRelativeDouble
      getRandomGeneratorRelativeInt getRandomGeneratorRelativeLong getRandomGeneratorNextFloat
      getRandomGeneratorNextDouble getRandomGeneratorNextInt getRandomGeneratorNextLong
      getCachedMemory defaultLaunchContext lcScalarPointer lcReductionPointer lcAllocationPointer
      lcExecutionStream lcCopyStream lcBlasHandle lcSolverHandle lastErrorCode lastErrorMessage
      isBlasVersionMatches binaryLevel optimalLevel isMinimalRequirementsMet
      isOptimalRequirementsMet dbPrimaryBuffer dbSpecialBuffer dbTickHostRead dbTickHostWrite
      dbTickDeviceRead dbTickDeviceWrite dbLocality dbDeviceId dbUseCount dbSetDeviceId
      buildInfo""";

  private NativeMethods() {}

  /** Kind by method name; {@code NativeOps} overloads none. */
  static Map<String, Kind> kinds() {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    NUMBERED.forEach(op -> put(kinds, op.method(), Kind.COMPUTE));
    PLAIN.forEach(op -> put(kinds, op.method(), Kind.COMPUTE));
    putAll(kinds, COMPUTE, Kind.COMPUTE);
    putAll(kinds, COPY, Kind.COPY);
    putAll(kinds, ALLOCATE, Kind.ALLOCATE);
    putAll(kinds, META, Kind.META);
    return kinds;
  }

  private static void putAll(Map<String, Kind> kinds, String listing, Kind kind) {
    for (String method : listing.split("\\s+", -1)) {
      put(kinds, method, kind);
    }
  }

  private static void put(Map<String, Kind> kinds, String method, Kind kind) {
    if (kinds.put(method, kind) != null) {
      throw new IllegalStateException(method + " is classed twice");
    }
  }
}
