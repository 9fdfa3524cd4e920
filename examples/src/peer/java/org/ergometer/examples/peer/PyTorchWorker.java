package org.ergometer.examples.peer;

import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Path;

/**
 * The process that trains by PyTorch, from the start values and on the batches that the other one
 * wrote. ND4J is not loaded in it.
 *
 * <p>Arguments: shape, directory of the exchange.
 */
final class PyTorchWorker implements Contestant {

  private final PyTorchGpt model;
  private final IntBuffer batches;
  private final int batch;
  private final long[] tokens;
  private final long[] targets;

  private PyTorchWorker(PeerShape peer, Exchange exchange) throws IOException {
    model = new PyTorchGpt(peer.shape());
    model.load(peer.shape(), Exchange.map(exchange.parameters()));
    batches = Exchange.map(exchange.batches()).asIntBuffer();
    batch = peer.batch();
    tokens = new long[peer.tokens()];
    targets = new long[peer.tokens()];
  }

  public static void main(String[] arguments) throws Exception {
    Worker.serve(
        new PyTorchWorker(PeerShape.valueOf(arguments[0]), new Exchange(Path.of(arguments[1]))));
  }

  @Override
  public double step() {
    if (!batches.hasRemaining()) {
      batches.rewind();
    }
    fill(tokens);
    fill(targets);
    return model.step(tokens, targets, batch);
  }

  private void fill(long[] values) {
    for (int index = 0; index < values.length; index++) {
      values[index] = batches.get();
    }
  }
}
