package org.ergometer.accounting.nd4j;

import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.ergometer.accounting.op.ElementType;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.OpaqueDataBuffer;

/**
 * The part of the decorated seam that is neither a numbered nor a custom op: copies, conversions,
 * sorting, and the few calls that run a whole graph at once.
 */
@SuppressWarnings("rawtypes") // NativeOps declares its PointerPointers raw
abstract class CountingDataOps implements NativeOps {

  /** Number of the plain replacement among the operations that {@code scatterUpdate} knows. */
  private static final int ASSIGN = 6;

  /**
   * What CUDA's memcpy and memset return when they did it; on the CPU they do nothing, and say 0.
   */
  private static final int DONE = 1;

  final NativeOps delegate;
  final Recorder recorder;

  CountingDataOps(NativeOps delegate, Recorder recorder) {
    this.delegate = delegate;
    this.recorder = recorder;
  }

  /** Whether somebody counts, and the op just executed left no error. */
  final boolean succeeded() {
    return recorder.attached() && delegate.lastErrorCode() == 0;
  }

  @Override
  public int memcpySync(Pointer dst, Pointer src, long size, int flags, Pointer reserved) {
    int done = delegate.memcpySync(dst, src, size, flags, reserved);
    countCopy(done, size);
    return done;
  }

  @Override
  public int memcpyAsync(Pointer dst, Pointer src, long size, int flags, Pointer reserved) {
    int done = delegate.memcpyAsync(dst, src, size, flags, reserved);
    countCopy(done, size);
    return done;
  }

  @Override
  public int memcpyConstantAsync(long dst, Pointer src, long size, int flags, Pointer reserved) {
    int done = delegate.memcpyConstantAsync(dst, src, size, flags, reserved);
    countCopy(done, size);
    return done;
  }

  @Override
  public int memsetSync(Pointer dst, int value, long size, int flags, Pointer reserved) {
    int done = delegate.memsetSync(dst, value, size, flags, reserved);
    countFill(done, size);
    return done;
  }

  @Override
  public int memsetAsync(Pointer dst, int value, long size, int flags, Pointer reserved) {
    int done = delegate.memsetAsync(dst, value, size, flags, reserved);
    countFill(done, size);
    return done;
  }

  @Override
  public void specialConcat(
      PointerPointer extraPointers,
      int dimension,
      int numArrays,
      PointerPointer data,
      PointerPointer inputShapeInfo,
      Pointer results,
      LongPointer resultShapeInfo,
      PointerPointer tadPointers,
      PointerPointer tadOffsets) {
    delegate.specialConcat(
        extraPointers,
        dimension,
        numArrays,
        data,
        inputShapeInfo,
        results,
        resultShapeInfo,
        tadPointers,
        tadOffsets);
    if (succeeded()) {
      recorder.op(SeamOp.CONCAT).inputs(inputShapeInfo, numArrays).output(resultShapeInfo).book();
    }
  }

  /** Counted by the rows that are taken, not by the table they are taken from. */
  @Override
  public void pullRows(
      PointerPointer extraPointers,
      OpaqueDataBuffer x,
      LongPointer xShapeInfo,
      LongPointer dxShapeInfo,
      OpaqueDataBuffer z,
      LongPointer zShapeInfo,
      LongPointer dzShapeInfo,
      long n,
      LongPointer indexes,
      LongPointer tadShapeInfo,
      LongPointer tadOffsets,
      LongPointer zTadShapeInfo,
      LongPointer zTadOffsets) {
    delegate.pullRows(
        extraPointers,
        x,
        xShapeInfo,
        dxShapeInfo,
        z,
        zShapeInfo,
        dzShapeInfo,
        n,
        indexes,
        tadShapeInfo,
        tadOffsets,
        zTadShapeInfo,
        zTadOffsets);
    if (succeeded()) {
      recorder
          .op(SeamOp.PULL_ROWS)
          .input(zShapeInfo)
          .input(ElementType.INT64, n)
          .output(zShapeInfo)
          .book();
    }
  }

  /** The pieces together are as large as the whole. */
  @Override
  public void tear(
      PointerPointer extras,
      OpaqueDataBuffer tensor,
      LongPointer xShapeInfo,
      LongPointer dxShapeInfo,
      PointerPointer targets,
      LongPointer zShapeInfo,
      LongPointer tadShapeInfo,
      LongPointer tadOffsets) {
    delegate.tear(
        extras, tensor, xShapeInfo, dxShapeInfo, targets, zShapeInfo, tadShapeInfo, tadOffsets);
    if (succeeded()) {
      recorder.op(SeamOp.TEAR).input(xShapeInfo).inPlace().book();
    }
  }

  @Override
  public void shuffle(
      PointerPointer extraPointers,
      PointerPointer x,
      PointerPointer xShapeInfo,
      PointerPointer dx,
      PointerPointer dxShapeInfo,
      PointerPointer z,
      PointerPointer zShapeInfo,
      PointerPointer dz,
      PointerPointer dzShapeInfo,
      int count,
      IntPointer shuffleMap,
      PointerPointer tadShapeInfo,
      PointerPointer tadOffsets) {
    delegate.shuffle(
        extraPointers,
        x,
        xShapeInfo,
        dx,
        dxShapeInfo,
        z,
        zShapeInfo,
        dz,
        dzShapeInfo,
        count,
        shuffleMap,
        tadShapeInfo,
        tadOffsets);
    if (succeeded()) {
      OpView op = recorder.op(SeamOp.SHUFFLE).inputs(xShapeInfo, count);
      if (zShapeInfo == null || zShapeInfo.isNull()) {
        op.inPlace().book(); // CUDA's way
      } else {
        op.outputs(zShapeInfo, count).book();
      }
    }
  }

  @Override
  public void convertTypes(
      PointerPointer extras, int srcType, Pointer x, long count, int dstType, Pointer z) {
    delegate.convertTypes(extras, srcType, x, count, dstType, z);
    if (succeeded()) {
      recorder.op(SeamOp.CONVERT).converted(srcType, dstType, count).book();
    }
  }

  @Override
  public void average(
      PointerPointer extraPointers,
      PointerPointer x,
      LongPointer xShapeInfo,
      PointerPointer dx,
      LongPointer dxShapeInfo,
      Pointer z,
      LongPointer zShapeInfo,
      Pointer dz,
      LongPointer dzShapeInfo,
      int n,
      long length,
      boolean propagate) {
    delegate.average(
        extraPointers,
        x,
        xShapeInfo,
        dx,
        dxShapeInfo,
        z,
        zShapeInfo,
        dz,
        dzShapeInfo,
        n,
        length,
        propagate);
    if (succeeded()) {
      OpView op = recorder.op(SeamOp.AVERAGE).inputs(xShapeInfo, n).output(zShapeInfo);
      if (propagate) {
        op.outputs(xShapeInfo, n);
      }
      op.book();
    }
  }

  @Override
  public void accumulate(
      PointerPointer extraPointers,
      PointerPointer x,
      LongPointer xShapeInfo,
      PointerPointer dx,
      LongPointer dxShapeInfo,
      Pointer z,
      LongPointer zShapeInfo,
      Pointer dz,
      LongPointer dzShapeInfo,
      int n,
      long length) {
    delegate.accumulate(
        extraPointers, x, xShapeInfo, dx, dxShapeInfo, z, zShapeInfo, dz, dzShapeInfo, n, length);
    if (succeeded()) {
      recorder.op(SeamOp.ACCUMULATE).inputs(xShapeInfo, n).output(zShapeInfo).book();
    }
  }

  @Override
  public void scatterUpdate(
      PointerPointer extraPointers,
      int opCode,
      int updates,
      Pointer hX,
      LongPointer hXShapeInfo,
      LongPointer hxOffsets,
      Pointer dX,
      LongPointer dXShapeInfo,
      LongPointer dxOffsets,
      Pointer hY,
      LongPointer hYShapeInfo,
      LongPointer hyOffsets,
      Pointer dY,
      LongPointer dYShapeInfo,
      LongPointer dyOffsets,
      Pointer hIndices,
      LongPointer hIndicesShapeInfo,
      Pointer dIndices,
      LongPointer dIndicesShapeInfo) {
    delegate.scatterUpdate(
        extraPointers,
        opCode,
        updates,
        hX,
        hXShapeInfo,
        hxOffsets,
        dX,
        dXShapeInfo,
        dxOffsets,
        hY,
        hYShapeInfo,
        hyOffsets,
        dY,
        dYShapeInfo,
        dyOffsets,
        hIndices,
        hIndicesShapeInfo,
        dIndices,
        dIndicesShapeInfo);
    if (succeeded()) {
      recorder
          .op(opCode == ASSIGN ? SeamOp.SCATTER_ASSIGN : SeamOp.SCATTER_UPDATE)
          .inputs(hXShapeInfo, updates)
          .inputs(hYShapeInfo, updates)
          .input(hIndicesShapeInfo)
          .outputs(hXShapeInfo, updates)
          .book();
    }
  }

  @Override
  public void sortCooIndices(
      PointerPointer extraPointers,
      LongPointer indices,
      Pointer x,
      long length,
      LongPointer shapeInfo) {
    delegate.sortCooIndices(extraPointers, indices, x, length, shapeInfo);
    if (succeeded()) {
      recorder.op(SeamOp.SORT_INDICES).input(ElementType.INT64, length).inPlace().book();
    }
  }

  @Override
  public void ravelMultiIndex(
      PointerPointer extraPointers,
      LongPointer indices,
      LongPointer flatIndices,
      long length,
      LongPointer shapeInfo,
      int mode) {
    delegate.ravelMultiIndex(extraPointers, indices, flatIndices, length, shapeInfo, mode);
    if (succeeded()) {
      recorder.op(SeamOp.RAVEL_INDEX).input(ElementType.INT64, length).inPlace().book();
    }
  }

  @Override
  public void unravelIndex(
      PointerPointer extraPointers,
      LongPointer indices,
      LongPointer flatIndices,
      long length,
      LongPointer shapeInfo) {
    delegate.unravelIndex(extraPointers, indices, flatIndices, length, shapeInfo);
    if (succeeded()) {
      recorder.op(SeamOp.UNRAVEL_INDEX).input(ElementType.INT64, length).inPlace().book();
    }
  }

  @Override
  public int estimateThreshold(
      PointerPointer extraPointers, Pointer x, LongPointer xShapeInfo, int n, float threshold) {
    int estimate = delegate.estimateThreshold(extraPointers, x, xShapeInfo, n, threshold);
    if (succeeded()) {
      recorder.op(SeamOp.ESTIMATE_THRESHOLD).input(xShapeInfo).book();
    }
    return estimate;
  }

  @Override
  public Pointer numpyFromNd4j(Pointer data, Pointer shapeBuffer, long wordSize) {
    Pointer array = delegate.numpyFromNd4j(data, shapeBuffer, wordSize);
    if (succeeded()) {
      recorder.op(SeamOp.NUMPY).input(shapeBuffer).inPlace().book();
    }
    return array;
  }

  private void countCopy(int done, long bytes) {
    if (done == DONE) {
      recorder
          .op(SeamOp.MEMCPY)
          .input(ElementType.UINT8, bytes)
          .output(ElementType.UINT8, bytes)
          .book();
    }
  }

  private void countFill(int done, long bytes) {
    if (done == DONE) {
      recorder.op(SeamOp.MEMSET).output(ElementType.UINT8, bytes).book();
    }
  }
}
