package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.Pointer;

/**
 * A batch of products that is too large to be held against the definition at once: one product, or
 * smaller batch, that was, executed for each index of the outermost dimension.
 *
 * <p>Tensors are the op's: x, y, z.
 */
final class SlicedMatmul implements DnnlFunction {

  private static final int TENSORS = 3;

  private final DnnlFunction slice;
  private final long slices;

  /** Bytes from a slice to the next, of each tensor. */
  private final long[] steps = new long[TENSORS];

  private final long[] addresses = new long[TENSORS];
  private final AddressPointer address = new AddressPointer();

  /** Executes {@code slice} for each index of the first dimension of x, y and z. */
  SlicedMatmul(DnnlFunction slice, TensorLayout x, TensorLayout y, TensorLayout z) {
    this.slice = slice;
    this.slices = z.extent(0);
    TensorLayout[] tensors = {x, y, z};
    for (int tensor = 0; tensor < TENSORS; tensor++) {
      steps[tensor] = tensors[tensor].stride(0) * tensors[tensor].elementBytes();
    }
  }

  @Override
  public boolean refused() {
    return false;
  }

  @Override
  public long scratchBytes() {
    return slice.scratchBytes();
  }

  @Override
  public void bind(int tensor, Pointer data) {
    addresses[tensor] = data.address();
  }

  @Override
  public void bindScratch(Pointer scratch) {
    slice.bindScratch(scratch);
  }

  @Override
  public int execute(dnnl_stream stream) {
    int status = DnnlStatus.SUCCESS;
    for (long index = 0; index < slices && DnnlStatus.ok(status); index++) {
      for (int tensor = 0; tensor < TENSORS; tensor++) {
        slice.bind(tensor, address.at(addresses[tensor] + index * steps[tensor]));
      }
      status = slice.execute(stream);
    }
    return status;
  }

  @Override
  public void close() {
    slice.close();
  }
}
