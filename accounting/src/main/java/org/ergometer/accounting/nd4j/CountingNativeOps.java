package org.ergometer.accounting.nd4j;

import org.bytedeco.javacpp.BooleanPointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.OpaqueContext;
import org.nd4j.nativeblas.OpaqueDataBuffer;
import org.nd4j.nativeblas.OpaqueResultWrapper;
import org.nd4j.nativeblas.OpaqueVariablesSet;

/**
 * ND4J's native seam, decorated: hands every call on, and counts the ones that computed.
 *
 * <p>Here are custom ops and their contexts, whose state has to be followed; the numbered ops,
 * which are all alike, and the some two hundred methods that are only handed on are generated when
 * the process starts, see {@link HookClasses}. An op that failed is not counted, and its failure
 * passes through unchanged.
 */
@SuppressWarnings("rawtypes") // NativeOps declares its PointerPointers raw
abstract class CountingNativeOps extends CountingDataOps {

  private static final int STATUS_OK = 0;

  /** Decorates the seam of the backend that was found; ND4J calls this by reflection. */
  public CountingNativeOps() {
    this(Installation.newDelegate(), Recorder.PROCESS);
  }

  CountingNativeOps(NativeOps delegate, Recorder recorder) {
    super(delegate, recorder);
  }

  /** Counts a numbered op that was executed; called by the generated methods. */
  static void executed(
      CountingNativeOps ops,
      LegacyOps family,
      int number,
      @Nullable LongPointer x,
      @Nullable LongPointer y,
      @Nullable LongPointer z,
      @Nullable Pointer bufferOfX,
      @Nullable Pointer bufferOfY,
      @Nullable Pointer bufferOfZ) {
    if (ops.succeeded()) {
      ops.recorder
          .op(family, number)
          .input(x, bufferOfX)
          .input(y, bufferOfY)
          .output(z, bufferOfZ)
          .book();
    }
  }

  /** Counts an op that has a method to itself; called by the generated methods. */
  static void executed(
      CountingNativeOps ops,
      SeamOp op,
      @Nullable LongPointer x,
      @Nullable LongPointer y,
      @Nullable LongPointer z,
      @Nullable Pointer bufferOfX,
      @Nullable Pointer bufferOfY,
      @Nullable Pointer bufferOfZ) {
    if (ops.succeeded()) {
      ops.recorder.op(op).input(x, bufferOfX).input(y, bufferOfY).output(z, bufferOfZ).book();
    }
  }

  @Override
  public int execCustomOp2(PointerPointer extraPointers, long opHashCode, Pointer context) {
    int status = delegate.execCustomOp2(extraPointers, opHashCode, ContextState.decorated(context));
    if (status == STATUS_OK) {
      OpView op = recorder.customOp(opHashCode);
      if (context instanceof ContextState state) {
        op.context(state);
      } else {
        op.unreadable();
      }
      op.book();
    }
    return status;
  }

  @Override
  public int execCustomOp(
      PointerPointer extraPointers,
      long opHashCode,
      PointerPointer inputBuffers,
      PointerPointer inputShapes,
      int numInput,
      PointerPointer outputBuffers,
      PointerPointer outputShapes,
      int numOutputs,
      DoublePointer tArgs,
      int numTArgs,
      LongPointer iArgs,
      int numIArgs,
      BooleanPointer bArgs,
      int numBArgs,
      boolean isInplace) {
    int status =
        delegate.execCustomOp(
            extraPointers,
            opHashCode,
            inputBuffers,
            inputShapes,
            numInput,
            outputBuffers,
            outputShapes,
            numOutputs,
            tArgs,
            numTArgs,
            iArgs,
            numIArgs,
            bArgs,
            numBArgs,
            isInplace);
    if (status == STATUS_OK) {
      OpView op = recorder.customOp(opHashCode).inputs(inputShapes, numInput);
      if (isInplace && numOutputs == 0) {
        op.inPlace();
      }
      op.outputs(outputShapes, numOutputs).book();
    }
    return status;
  }

  @Override
  public int execCustomOpWithScope(
      PointerPointer extraPointers,
      Pointer state,
      long opHash,
      long[] scopes,
      int numScopes,
      PointerPointer inputBuffers,
      PointerPointer inputShapes,
      int numInputs,
      PointerPointer outputBuffers,
      PointerPointer outputShapes,
      int numOutputs) {
    int status =
        delegate.execCustomOpWithScope(
            extraPointers,
            state,
            opHash,
            scopes,
            numScopes,
            inputBuffers,
            inputShapes,
            numInputs,
            outputBuffers,
            outputShapes,
            numOutputs);
    if (status == STATUS_OK) {
      recorder
          .op(SeamOp.SCOPED_OP)
          .inputs(inputShapes, numInputs)
          .outputs(outputShapes, numOutputs)
          .book();
    }
    return status;
  }

  @Override
  public void execAggregate(
      PointerPointer extras,
      int opNum,
      PointerPointer arguments,
      int numArguments,
      PointerPointer shapes,
      int numShapes,
      IntPointer indexArguments,
      int numIndexArguments,
      PointerPointer intArrays,
      int numIntArrays,
      Pointer realArguments,
      int numRealArguments,
      int dataType) {
    delegate.execAggregate(
        extras,
        opNum,
        arguments,
        numArguments,
        shapes,
        numShapes,
        indexArguments,
        numIndexArguments,
        intArrays,
        numIntArrays,
        realArguments,
        numRealArguments,
        dataType);
    if (succeeded()) {
      recorder.op(LegacyOps.AGGREGATE, opNum).inputs(shapes, numShapes).book();
    }
  }

  /** A whole graph runs inside, unseen: it is shown as one op that is not accounted for. */
  @Override
  public OpaqueResultWrapper executeFlatGraph(
      PointerPointer extraPointers, Pointer flatBufferPointer) {
    OpaqueResultWrapper result = delegate.executeFlatGraph(extraPointers, flatBufferPointer);
    recorder.op(SeamOp.FLAT_GRAPH).book();
    return result;
  }

  /** Likewise. */
  @Override
  public OpaqueVariablesSet executeStoredGraph(
      PointerPointer extraPointers,
      long graphId,
      PointerPointer inputBuffers,
      PointerPointer inputShapes,
      IntPointer inputIndices,
      int numInputs) {
    OpaqueVariablesSet result =
        delegate.executeStoredGraph(
            extraPointers, graphId, inputBuffers, inputShapes, inputIndices, numInputs);
    recorder.op(SeamOp.STORED_GRAPH).inputs(inputShapes, numInputs).book();
    return result;
  }

  @Override
  public @Nullable OpaqueContext createGraphContext(int nodeId) {
    OpaqueContext context = delegate.createGraphContext(nodeId);
    return context == null ? null : new ContextState(context);
  }

  @Override
  public void markGraphContextInplace(OpaqueContext ptr, boolean reallyInplace) {
    delegate.markGraphContextInplace(ContextState.decorated(ptr), reallyInplace);
    if (ptr instanceof ContextState state) {
      state.inPlace(reallyInplace);
    }
  }

  @Override
  public void setGraphContextInputArray(
      OpaqueContext ptr,
      int index,
      Pointer buffer,
      Pointer shapeInfo,
      Pointer specialBuffer,
      Pointer specialShapeInfo) {
    delegate.setGraphContextInputArray(
        ContextState.decorated(ptr), index, buffer, shapeInfo, specialBuffer, specialShapeInfo);
    if (ptr instanceof ContextState state) {
      state.input(index, shapeInfo, buffer);
    }
  }

  @Override
  public void setGraphContextOutputArray(
      OpaqueContext ptr,
      int index,
      Pointer buffer,
      Pointer shapeInfo,
      Pointer specialBuffer,
      Pointer specialShapeInfo) {
    delegate.setGraphContextOutputArray(
        ContextState.decorated(ptr), index, buffer, shapeInfo, specialBuffer, specialShapeInfo);
    if (ptr instanceof ContextState state) {
      state.output(index, shapeInfo, buffer);
    }
  }

  @Override
  public void setGraphContextInputBuffer(
      OpaqueContext ptr,
      int index,
      OpaqueDataBuffer databuffer,
      Pointer shapeInfo,
      Pointer specialShapeInfo) {
    delegate.setGraphContextInputBuffer(
        ContextState.decorated(ptr), index, databuffer, shapeInfo, specialShapeInfo);
    if (ptr instanceof ContextState state) {
      state.input(index, shapeInfo, databuffer);
    }
  }

  @Override
  public void setGraphContextOutputBuffer(
      OpaqueContext ptr,
      int index,
      OpaqueDataBuffer databuffer,
      Pointer shapeInfo,
      Pointer specialShapeInfo) {
    delegate.setGraphContextOutputBuffer(
        ContextState.decorated(ptr), index, databuffer, shapeInfo, specialShapeInfo);
    if (ptr instanceof ContextState state) {
      state.output(index, shapeInfo, databuffer);
    }
  }

  @Override
  public void setGraphContextTArguments(
      OpaqueContext ptr, DoublePointer arguments, int numberOfArguments) {
    delegate.setGraphContextTArguments(ContextState.decorated(ptr), arguments, numberOfArguments);
    if (ptr instanceof ContextState state) {
      state.reals(arguments, numberOfArguments);
    }
  }

  @Override
  public void setGraphContextIArguments(
      OpaqueContext ptr, LongPointer arguments, int numberOfArguments) {
    delegate.setGraphContextIArguments(ContextState.decorated(ptr), arguments, numberOfArguments);
    if (ptr instanceof ContextState state) {
      state.integers(arguments, numberOfArguments);
    }
  }

  @Override
  public void setGraphContextBArguments(
      OpaqueContext ptr, BooleanPointer arguments, int numberOfArguments) {
    delegate.setGraphContextBArguments(ContextState.decorated(ptr), arguments, numberOfArguments);
    if (ptr instanceof ContextState state) {
      state.flags(arguments, numberOfArguments);
    }
  }

  @Override
  public void ctxPurge(OpaqueContext ptr) {
    delegate.ctxPurge(ContextState.decorated(ptr));
    if (ptr instanceof ContextState state) {
      state.purge();
    }
  }

  @Override
  public void deleteGraphContext(OpaqueContext ptr) {
    delegate.deleteGraphContext(ContextState.decorated(ptr));
    if (ptr instanceof ContextState state) {
      state.purge();
    }
  }
}
