/**
 * Serves ops of ND4J by faster kernels, behind the native seam and beneath what counts them.
 *
 * <p>What an op costs, and what a model computes, must not be in it.
 *
 * <p>A library of kernels is a {@code KernelLibrary}: ops by ND4J's names and those of {@link
 * org.ergometer.accounting.op.FusedOp}, each an {@code AcceleratedOp} that executes an {@code
 * OpCall} or leaves it to ND4J. oneDNN is the one for CPUs. One for CUDA is a second: arrays stay
 * on the device, so that its {@code TensorRef}s carry the addresses of ND4J's special buffers in
 * place of the primary ones, its kernels go to the stream that ND4J's context has, and {@code
 * execute} returns before they are done, as ND4J's own ops do there. What is told apart by shape,
 * type and layout, {@code OpSignature}, stays as it is; the seam's decorator needs a variant that
 * extends the CUDA backend's class, as this one extends the CPU's.
 */
@NullMarked
package org.ergometer.runtime.acceleration;

import org.jspecify.annotations.NullMarked;
