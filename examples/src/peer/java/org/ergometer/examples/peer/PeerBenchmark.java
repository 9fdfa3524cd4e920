package org.ergometer.examples.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.ergometer.models.data.Corpus;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Trains the same model by Ergometer and by PyTorch, in turn, and prints both and their ratio.
 *
 * <p>Each trains in a process of its own, from the same start values, on the same batches of the
 * default corpus, with the same optimizer. Exit code 1 if the losses of the first steps differ.
 */
@Command(
    name = "peer",
    mixinStandardHelpOptions = true,
    description = "The same training by Ergometer and by PyTorch in turn.")
final class PeerBenchmark implements Callable<Integer> {

  private static final String HUGE_PAGES = "glibc.malloc.hugetlb=1";

  /** Keeps what is freed, in one arena: PyTorch is slower where each step asks the system anew. */
  private static final Map<String, String> PYTORCH_ALLOCATOR =
      Map.of(
          "MALLOC_TRIM_THRESHOLD_", "4294967296",
          "MALLOC_TOP_PAD_", "268435456",
          "MALLOC_ARENA_MAX", "1",
          "MALLOC_MMAP_MAX_", "0",
          "GLIBC_TUNABLES", HUGE_PAGES);

  /** What {@code ./ergometer} sets. */
  private static final Map<String, String> LAUNCHER =
      Map.of("OPENBLAS_NUM_THREADS", "1", "MALLOC_ARENA_MAX", "1", "GLIBC_TUNABLES", HUGE_PAGES);

  @Option(
      names = "--shapes",
      split = ",",
      description = "any of ${COMPLETION-CANDIDATES} (default: all)")
  private List<PeerShape> shapes = List.of(PeerShape.values());

  @Option(names = "--rounds", description = "blocks of each (default: ${DEFAULT-VALUE})")
  private int rounds = 7;

  @Option(
      names = "--seconds",
      description = "about how long a block takes (default: ${DEFAULT-VALUE})")
  private double blockSeconds = 2;

  @Option(names = "--warm-up", description = "steps before (default: ${DEFAULT-VALUE})")
  private int warmUp = 10;

  private PeerBenchmark() {}

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new PeerBenchmark())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    if (rounds < 1 || warmUp < 1 || !(blockSeconds > 0)) {
      System.err.println("rounds, warm-up and seconds must be > 0; see --help");
      return 2;
    }
    String text = Corpus.standard().text();
    boolean same = true;
    for (PeerShape shape : shapes) {
      Path directory = Files.createTempDirectory("ergometer-peer");
      try {
        same &= compare(shape, new Exchange(directory), text);
      } finally {
        delete(directory);
      }
    }
    return same ? 0 : 1;
  }

  private boolean compare(PeerShape shape, Exchange exchange, String text) throws IOException {
    Exchange.write(exchange.tokens(), shape.tokenizer(text).encode(text));
    List<String> arguments = List.of(shape.name(), exchange.directory().toString());
    Comparison comparison = new Comparison(shape);
    try (Contender ours = new Contender(ErgometerWorker.class, LAUNCHER, arguments);
        Contender peer = new Contender(PyTorchWorker.class, PYTORCH_ALLOCATOR, arguments)) {
      comparison.warmUp(ours.steps(warmUp), peer.steps(warmUp));
      List<Contender.Step> first = peer.steps(1);
      comparison.warmUp(ours.steps(1), first);
      int steps = (int) Math.max(1, Math.rint(blockSeconds / first.get(0).seconds()));
      for (int round = 0; round < rounds; round++) {
        comparison.round(ours.steps(steps), peer.steps(steps));
      }
      System.out.printf(
          "%s: %d layers, %d heads, width %d, context %d, vocabulary %d, batch %d; blocks of %d steps%n",
          shape.name().toLowerCase(Locale.ROOT),
          shape.shape().layers(),
          shape.shape().heads(),
          shape.shape().width(),
          shape.shape().context(),
          shape.shape().vocabulary(),
          shape.batch(),
          steps);
      System.out.println(comparison.text(ours.peakMemory(), peer.peakMemory()));
    }
    if (!comparison.sameTraining()) {
      System.err.printf(
          "%s: the losses differ by %.1e; the two do not train the same%n",
          shape.name(), comparison.lossDifference());
    }
    return comparison.sameTraining();
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      paths
          .sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.delete(path);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
