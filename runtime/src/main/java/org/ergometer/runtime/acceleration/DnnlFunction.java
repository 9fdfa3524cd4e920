package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.Pointer;

/** What executes one kind of call: compiled once, executed again without a new object. */
interface DnnlFunction extends AutoCloseable {

  /** Whether this stands for a case that the library does not do, or not well. */
  boolean refused();

  /** Memory that an execution needs beside its tensors, in bytes. */
  long scratchBytes();

  /** Sets where a tensor's elements begin, by its index. */
  void bind(int tensor, Pointer data);

  /** Sets where that memory begins; asked for where there is any. */
  void bindScratch(Pointer scratch);

  /** Executes on what was bound; the library's status, see {@link DnnlStatus}. */
  int execute(dnnl_stream stream);

  @Override
  void close();
}
