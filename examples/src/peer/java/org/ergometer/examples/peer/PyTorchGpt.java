package org.ergometer.examples.peer;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import org.ergometer.accounting.predict.TransformerShape;

/**
 * The transformer in PyTorch: {@code gpt.py} holds the step as TorchScript, and two calls into
 * PyTorch run one, gradients and update.
 *
 * <p>DJL's own arrays would cross into C++ for each op, have no causal attention and no fused
 * AdamW; in TorchScript the peer has what a PyTorch user has. Not thread-safe.
 */
final class PyTorchGpt {

  static final double LEARNING_RATE = 3e-4;
  static final double WEIGHT_DECAY = 0.1;
  static final double BETA1 = 0.9;
  static final double BETA2 = 0.99;
  static final double CLIP = 1;

  private static final String CLASS = "Gpt";
  private static final String SOURCE = "gpt.py";
  private static final List<String> FIELDS =
      List.of(
          "weights",
          "gradients",
          "matrices",
          "matrix_means",
          "matrix_squares",
          "matrix_counts",
          "gains",
          "gain_means",
          "gain_squares",
          "gain_counts");

  private final PtNDManager manager;
  private final PtSymbolBlock module;
  private final NDArray heads;
  private final NDArray rates;

  PyTorchGpt(TransformerShape shape) throws IOException {
    manager = (PtNDManager) Engine.getEngine("PyTorch").newBaseManager();
    module = JniUtils.loadModule(manager, archive(), true, false);
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(true);
    heads = manager.create((long) shape.heads());
    rates = manager.create(new double[] {LEARNING_RATE, WEIGHT_DECAY, BETA1, BETA2, CLIP});
  }

  private static InputStream archive() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(PyTorchGpt.class.getResourceAsStream(SOURCE), SOURCE)) {
      String source = new String(in.readAllBytes(), UTF_8);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      new TorchScriptArchive(CLASS, source, FIELDS).writeTo(out);
      return new ByteArrayInputStream(out.toByteArray());
    }
  }

  /**
   * Sets the parameters to those of Ergometer's model, in its order; it keeps the matrices of
   * linear maps as [inputs, outputs], PyTorch the other way round.
   */
  void load(TransformerShape shape, ByteBuffer parameters) {
    long width = shape.width();
    add(parameters, false, shape.vocabulary(), width);
    add(parameters, false, shape.context(), width);
    for (int block = 0; block < shape.layers(); block++) {
      add(parameters, false, width);
      add(parameters, true, width, 3 * width);
      add(parameters, true, width, width);
      add(parameters, false, width);
      add(parameters, true, width, shape.feedForward());
      add(parameters, true, shape.feedForward(), width);
    }
    add(parameters, false, width);
    if (parameters.hasRemaining()) {
      throw new IllegalStateException(
          "%s bytes of parameters are left over".formatted(parameters.remaining()));
    }
  }

  private void add(ByteBuffer parameters, boolean transposed, long... shape) {
    Shape dimensions = new Shape(shape);
    int bytes = Math.toIntExact(Math.multiplyExact(dimensions.size(), Float.BYTES));
    ByteBuffer mapped =
        parameters.slice(parameters.position(), bytes).order(ByteOrder.nativeOrder());
    parameters.position(parameters.position() + bytes);
    try (NDManager temporary = manager.newSubManager()) {
      NDArray values = temporary.create(mapped, dimensions, DataType.FLOAT32);
      NDList weight = call(transposed ? "add_transposed" : "add", true, values);
      weight.get(0).setRequiresGradient(true);
      weight.close();
    }
  }

  /**
   * Trains on a batch and gives its loss.
   *
   * @param tokens [B·T]
   * @param targets [B·T]
   */
  double step(long[] tokens, long[] targets, int batch) {
    Shape shape = new Shape(batch, tokens.length / batch);
    try (NDManager temporary = manager.newSubManager()) {
      NDArray inputs = temporary.create(tokens, shape);
      NDArray labels = temporary.create(targets, shape);
      NDList loss = call("forward", true, inputs, labels, heads);
      call("update", false, rates).close();
      double value = loss.get(0).getFloat();
      loss.close();
      return value;
    }
  }

  private NDList call(String method, boolean training, NDArray... arguments) {
    NDList list = new NDList(arguments);
    try (NDArray name = manager.create(0f)) {
      name.setName("module_method:" + method);
      list.add(name);
      return IValueUtils.forward(module, list, training);
    }
  }
}
