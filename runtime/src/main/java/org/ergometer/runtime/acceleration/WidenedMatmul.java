package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * A product of 16-bit tensors on a processor that has no instructions for their type: their copies
 * in float32 are multiplied, which is exact, and added up in float32, as it would be otherwise.
 *
 * <p>Tensors are the op's: x, y, z. The copies are in scratch memory.
 */
final class WidenedMatmul implements DnnlFunction {

  private static final int TENSORS = 3;
  private static final long ALIGNMENT = 64;

  private final DnnlFunction product;

  /** Null where the product works on the tensor itself. */
  private final @Nullable WidenedTensor[] widened;

  private final boolean addsToResult;
  private final long[] addresses = new long[TENSORS];
  private final long[] copies = new long[TENSORS];
  private final AddressPointer address = new AddressPointer();

  /**
   * The product of x and y.
   *
   * @param product of the copies
   * @param z null if the result is float32
   * @param addsToResult whether what z holds before counts
   */
  WidenedMatmul(
      DnnlFunction product,
      WidenedTensor x,
      WidenedTensor y,
      @Nullable WidenedTensor z,
      boolean addsToResult) {
    this.product = product;
    this.widened = new @Nullable WidenedTensor[] {x, y, z};
    this.addsToResult = addsToResult;
  }

  @Override
  public boolean refused() {
    return false;
  }

  @Override
  public long scratchBytes() {
    long bytes = ALIGNMENT + product.scratchBytes();
    for (WidenedTensor tensor : widened) {
      bytes += tensor == null ? 0 : aligned(tensor.copyBytes());
    }
    return bytes;
  }

  @Override
  public void bind(int tensor, Pointer data) {
    addresses[tensor] = data.address();
  }

  @Override
  public void bindScratch(Pointer scratch) {
    long next = aligned(scratch.address());
    for (int index = 0; index < TENSORS; index++) {
      WidenedTensor tensor = widened[index];
      copies[index] = tensor == null ? addresses[index] : next;
      product.bind(index, address.at(copies[index]));
      next += tensor == null ? 0 : aligned(tensor.copyBytes());
    }
    if (product.scratchBytes() > 0) {
      product.bindScratch(address.at(next));
    }
  }

  @Override
  public int execute(dnnl_stream stream) {
    int last = TENSORS - 1;
    for (int index = 0; index < TENSORS; index++) {
      WidenedTensor tensor = widened[index];
      if (tensor != null && (index < last || addsToResult)) {
        tensor.widen(addresses[index], copies[index]);
      }
    }
    int status = product.execute(stream);
    WidenedTensor result = widened[last];
    if (DnnlStatus.ok(status) && result != null) {
      result.narrow(copies[last], addresses[last]);
    }
    return status;
  }

  @Override
  public void close() {
    product.close();
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
