package org.ergometer.runtime.acceleration;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * A compiled function of the library with its argument list; executing it again makes no object.
 * {@link #REFUSED} stands for a case that the library does not do, or not well.
 */
final class DnnlPrimitive implements DnnlFunction {

  static final DnnlPrimitive REFUSED =
      new DnnlPrimitive(null, List.of(), new dnnl_exec_arg_t(1), 0);

  private final @Nullable dnnl_primitive function;
  private final dnnl_memory[] tensors;
  private final dnnl_exec_arg_t arguments;
  private final long scratchBytes;

  private DnnlPrimitive(
      @Nullable dnnl_primitive function,
      List<dnnl_memory> tensors,
      dnnl_exec_arg_t arguments,
      long scratchBytes) {
    this.function = function;
    this.tensors = tensors.toArray(dnnl_memory[]::new);
    this.arguments = arguments;
    this.scratchBytes = scratchBytes;
  }

  @Override
  public boolean refused() {
    return function == null;
  }

  @Override
  public long scratchBytes() {
    return scratchBytes;
  }

  @Override
  public void bind(int tensor, Pointer data) {
    dnnl.dnnl_memory_set_data_handle(tensors[tensor], data);
  }

  /** Scratch memory is the last of the arguments where there is any. */
  @Override
  public void bindScratch(Pointer scratch) {
    dnnl.dnnl_memory_set_data_handle(tensors[tensors.length - 1], scratch);
  }

  @Override
  public int execute(dnnl_stream stream) {
    return dnnl.dnnl_primitive_execute(function, stream, tensors.length, arguments);
  }

  @Override
  public void close() {
    if (function != null) {
      for (dnnl_memory tensor : tensors) {
        dnnl.dnnl_memory_destroy(tensor);
      }
      arguments.deallocate();
      dnnl.dnnl_primitive_destroy(function);
    }
  }

  /** Makes a primitive: its tensors in the order in which they are bound, then its function. */
  static final class Builder implements AutoCloseable {

    private final dnnl_engine engine;
    private final List<Integer> names = new ArrayList<>();
    private final List<dnnl_memory_desc> descriptors = new ArrayList<>();
    private final dnnl_primitive_attr attributes = new dnnl_primitive_attr();
    private boolean slowAllowed;
    private @Nullable String preferred;

    Builder(dnnl_engine engine) {
      this.engine = engine;
      DnnlStatus.require(dnnl.dnnl_primitive_attr_create(attributes), "make attributes");
      DnnlStatus.require(
          dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl.dnnl_scratchpad_mode_user),
          "let scratch memory be given");
    }

    dnnl_engine engine() {
      return engine;
    }

    dnnl_primitive_attr attributes() {
      return attributes;
    }

    /**
     * Adds a tensor.
     *
     * @param name the library's name of the argument
     * @return its descriptor, which lives as long as the builder
     */
    dnnl_memory_desc tensor(int name, TensorLayout layout) {
      dnnl_memory_desc descriptor = layout.descriptor();
      names.add(name);
      descriptors.add(descriptor);
      return descriptor;
    }

    /** Lets an argument be multiplied with a number that comes with each execution, as a tensor. */
    Builder scaled(int name) {
      DnnlStatus.require(
          dnnl.dnnl_primitive_attr_set_scales_mask(attributes, name, 0), "let a tensor be scaled");
      tensor(dnnl.DNNL_ARG_ATTR_SCALES | name, TensorLayout.dense(dnnl.dnnl_f32, 1));
      return this;
    }

    /**
     * The primitive for a description, which is released; {@link #REFUSED} if the library would
     * take its slow reference implementation.
     *
     * @param status what the description's creation returned
     */
    DnnlPrimitive build(int status, dnnl_primitive_desc description) {
      if (!DnnlStatus.ok(status)) {
        return REFUSED;
      }
      try {
        boolean slow = implementation(description).startsWith("ref");
        return slow && !slowAllowed ? REFUSED : compile(description);
      } finally {
        dnnl.dnnl_primitive_desc_destroy(description);
      }
    }

    /** The same for what {@code describer} describes: it fills the description it is given. */
    DnnlPrimitive build(ToIntFunction<dnnl_primitive_desc> describer) {
      dnnl_primitive_desc description = new dnnl_primitive_desc();
      int status = describer.applyAsInt(description);
      String wanted = preferred;
      if (wanted == null || !DnnlStatus.ok(status)) {
        return build(status, description);
      }
      while (DnnlStatus.ok(status)) {
        if (implementation(description).startsWith(wanted)) {
          return build(status, description);
        }
        status = dnnl.dnnl_primitive_desc_next_impl(description);
      }
      dnnl.dnnl_primitive_desc_destroy(description);
      preferred = null;
      return build(describer);
    }

    /** Takes an implementation whose name begins so, where there is one. */
    Builder preferring(String implementation) {
      preferred = implementation;
      return this;
    }

    /** For an op that nothing else can execute: takes what there is. */
    Builder evenIfSlow() {
      slowAllowed = true;
      return this;
    }

    /**
     * Lets operations follow on each result.
     *
     * @param appender appends them to the list it is given
     */
    Builder then(Consumer<dnnl_post_ops> appender) {
      dnnl_post_ops operations = new dnnl_post_ops();
      DnnlStatus.require(dnnl.dnnl_post_ops_create(operations), "make a list of operations");
      try {
        appender.accept(operations);
        DnnlStatus.require(
            dnnl.dnnl_primitive_attr_set_post_ops(attributes, operations),
            "set a list of operations");
      } finally {
        dnnl.dnnl_post_ops_destroy(operations);
      }
      return this;
    }

    private static String implementation(dnnl_primitive_desc description) {
      try (PointerPointer<BytePointer> result = new PointerPointer<>(1)) {
        DnnlStatus.require(
            dnnl.dnnl_primitive_desc_query(description, dnnl.dnnl_query_impl_info_str, 0, result),
            "name its implementation");
        return result.get(BytePointer.class, 0).getString();
      }
    }

    private DnnlPrimitive compile(dnnl_primitive_desc description) {
      dnnl_primitive function = new dnnl_primitive();
      DnnlStatus.require(dnnl.dnnl_primitive_create(function, description), "compile a primitive");
      dnnl_memory_desc scratch =
          dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_scratchpad_md, 0);
      long scratchBytes = dnnl.dnnl_memory_desc_get_size(scratch);
      List<dnnl_memory> tensors = new ArrayList<>();
      for (dnnl_memory_desc descriptor : descriptors) {
        tensors.add(memory(descriptor));
      }
      if (scratchBytes > 0) {
        names.add(dnnl.DNNL_ARG_SCRATCHPAD);
        tensors.add(memory(scratch));
      }
      dnnl_exec_arg_t arguments = new dnnl_exec_arg_t(tensors.size());
      for (int index = 0; index < tensors.size(); index++) {
        arguments.position(index).arg(names.get(index)).memory(tensors.get(index));
      }
      return new DnnlPrimitive(function, tensors, arguments.position(0), scratchBytes);
    }

    /** A memory object without memory; that comes with each execution. */
    private dnnl_memory memory(dnnl_memory_desc descriptor) {
      dnnl_memory memory = new dnnl_memory();
      DnnlStatus.require(
          dnnl.dnnl_memory_create(memory, descriptor, engine, null), "make a memory object");
      return memory;
    }

    @Override
    public void close() {
      descriptors.forEach(dnnl::dnnl_memory_desc_destroy);
      dnnl.dnnl_primitive_attr_destroy(attributes);
    }
  }
}
