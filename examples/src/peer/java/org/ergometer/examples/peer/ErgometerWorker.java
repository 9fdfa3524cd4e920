package org.ergometer.examples.peer;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.models.data.TokenBatch;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.models.data.TokenSequence;
import org.ergometer.models.data.WindowOrder;
import org.ergometer.runtime.config.Divergence;
import org.ergometer.runtime.config.LoopConfig;
import org.ergometer.runtime.config.OptimizerConfig;
import org.ergometer.runtime.config.OptimizerKind;
import org.ergometer.runtime.config.ScheduleKind;
import org.ergometer.runtime.training.TransformerTraining;

/**
 * The process that trains by Ergometer, as {@code ergometer train} does: counting, with oneDNN
 * where it is. Writes its start values and its batches for the other process to read.
 *
 * <p>Arguments: shape, directory of the exchange.
 */
final class ErgometerWorker {

  private static final long SEED = 1;

  private ErgometerWorker() {}

  public static void main(String[] arguments) throws Exception {
    PeerShape peer = PeerShape.valueOf(arguments[0]);
    Exchange exchange = new Exchange(Path.of(arguments[1]));
    int[] tokens = Exchange.readAll(exchange.tokens());
    try (Accounting accounting = Accounting.start(new Ledger());
        TransformerTraining training =
            TransformerTraining.create(peer.shape(), optimizer(), loop(peer))) {
      try (FileChannel parameters = Exchange.open(exchange.parameters())) {
        Exchange.append(parameters, training.graph().params().data().asNio());
      }
      writeBatches(exchange.batches(), batches(peer, tokens));
      Cycle cycle = new Cycle(batches(peer, tokens));
      Worker.serve(() -> training.fit(cycle::next, 1).loss());
    }
  }

  private static TokenBatches batches(PeerShape peer, int[] tokens) {
    return new TokenBatches(
        TokenSequence.of(tokens), peer.batch(), peer.shape().context(), WindowOrder.RANDOM, SEED);
  }

  private static void writeBatches(Path file, TokenBatches batches) throws IOException {
    try (FileChannel channel = Exchange.open(file)) {
      for (int step = 0; step < Exchange.BATCHES; step++) {
        TokenBatch batch = batches.next();
        Exchange.append(channel, batch.inputs().data().asInt());
        Exchange.append(channel, batch.targets().data().asInt());
      }
    }
  }

  private static OptimizerConfig optimizer() {
    return new OptimizerConfig(
        OptimizerKind.ADAMW,
        PyTorchGpt.LEARNING_RATE,
        PyTorchGpt.LEARNING_RATE,
        ScheduleKind.CONSTANT,
        0,
        0,
        PyTorchGpt.WEIGHT_DECAY,
        PyTorchGpt.BETA1,
        PyTorchGpt.BETA2,
        0,
        PyTorchGpt.CLIP,
        0,
        0);
  }

  private static LoopConfig loop(PeerShape peer) {
    return new LoopConfig(
        Exchange.BATCHES, peer.batch(), 1, SEED, Exchange.BATCHES, 1, null, Divergence.STOP, null);
  }

  /** The batches that were written, again and again. */
  private static final class Cycle {

    private final TokenBatches batches;
    private final long start;
    private int taken;

    Cycle(TokenBatches batches) {
      this.batches = batches;
      this.start = batches.state();
    }

    TokenBatch next() {
      if (taken == Exchange.BATCHES) {
        batches.restore(start);
        taken = 0;
      }
      taken++;
      return batches.next();
    }
  }
}
