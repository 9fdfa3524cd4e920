package org.ergometer.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Measures what readers of a run's metrics cost its steps while the default model trains. It is no
 * test, and needs a machine that does nothing else: {@code ./mvnw -q -Preaders -DskipTests verify}.
 *
 * <p>A round reads in each way once, with as long without readers before and after; printed are
 * median and quartiles of the rounds' ratios. The readers run on the same machine, so that what
 * they take of it themselves is in the cost. {@code -Drounds=} and {@code -Dseconds=}, of a
 * stretch, change how long it takes.
 */
final class ReaderLoad {

  private static final int ROUNDS = Integer.getInteger("rounds", 4);
  private static final int SECONDS = Integer.getInteger("seconds", 3);
  private static final double SECONDS_UNTIL_LOGGED = 1.2;
  private static final int SECONDS_TO_WARM_UP = 10;
  private static final int READERS = 20;
  private static final int SLOW_READERS = 200;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final Pattern SERVER_THREADS =
      Pattern.compile("metrics|HTTP-Dispatcher|server-timer");
  private static final String REQUEST =
      "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n";
  private static final String PAGE_REQUEST = REQUEST.replace("/metrics", "/run.json");

  /** How somebody reads. */
  private enum Kind {
    NONE(0, "none"),
    PROMETHEUS(1, "one scrape a second"),
    KEEPING(READERS, "20 connections, each asking as soon as it is answered"),
    PAGES(READERS, "20 connections that ask the page's data without end"),
    COMING(READERS, "1000 connections a second, each asking once"),
    GARBAGE(READERS, "20 connections of garbage, one after the other"),
    SLOW(SLOW_READERS, "200 connections with half a request, or an answer that is not read");

    private final int threads;
    private final String words;

    Kind(int threads, String words) {
      this.threads = threads;
      this.words = words;
    }
  }

  private final int port;
  private final Path log;
  private final Path tasks;
  private final AtomicLong answers = new AtomicLong();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean going;

  private ReaderLoad(int port, Path log, Path tasks) {
    this.port = port;
    this.log = log;
    this.tasks = tasks;
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("readers");
    Path run = folder.resolve("run");
    String options = "train --steps 1M --metrics-port 0 --eval-every 1000000 --no-energy --run ";
    try (ErgometerProcess process =
        ErgometerProcess.start(
            folder.resolve("out.txt"),
            Runtime.getRuntime().availableProcessors(),
            (options + run).split(" "))) {
      int port = URI.create(process.page()).getPort();
      ErgometerProcess.await("steps", () -> process.printed().contains("step 1/"));
      TimeUnit.SECONDS.sleep(SECONDS_TO_WARM_UP);
      Path tasks = Path.of("/proc", Long.toString(process.id()), "task");
      new ReaderLoad(port, run.resolve("log.jsonl"), tasks).measure();
    }
  }

  private void measure() throws Exception {
    Map<Kind, List<Pair>> pairs = new EnumMap<>(Kind.class);
    Stretch before = stretch(Kind.NONE);
    for (int round = 0; round < ROUNDS; round++) {
      for (Kind kind : Kind.values()) {
        if (kind != Kind.NONE) {
          Stretch with = stretch(kind);
          Stretch after = stretch(Kind.NONE);
          Pair pair = new Pair((before.step() + after.step()) / 2, with);
          before = after;
          pairs.computeIfAbsent(kind, key -> new ArrayList<>()).add(pair);
          System.err.printf(
              Locale.ROOT, "round %d, %s: %+.1f %%%n", round + 1, kind.words, pair.cost());
        }
      }
    }
    pairs.forEach(ReaderLoad::print);
  }

  private static void print(Kind kind, List<Pair> pairs) {
    double[] costs = sorted(pairs, Pair::cost);
    double[] processor = sorted(pairs, pair -> pair.with().serverMillis());
    double[] answers = sorted(pairs, pair -> pair.with().answers());
    double[] waits = sorted(pairs, pair -> pair.with().slowestAnswer());
    System.out.printf(
        Locale.ROOT,
        "%-70s %+.1f %% (%+.1f to %+.1f) of a step of %.1f ms; %.1f ms of processor and %.0f answers"
            + " a second; slowest scrape beside them %.2f s%n",
        kind.words,
        at(costs, 0.5),
        at(costs, 0.25),
        at(costs, 0.75),
        1000 * at(sorted(pairs, Pair::without), 0.5),
        at(processor, 0.5),
        at(answers, 0.5),
        waits[waits.length - 1]);
  }

  private static double[] sorted(List<Pair> pairs, ToDoubleFunction<Pair> value) {
    return pairs.stream().mapToDouble(value).sorted().toArray();
  }

  private static double at(double[] sorted, double quantile) {
    return sorted[(int) Math.round(quantile * (sorted.length - 1))];
  }

  /**
   * What was measured for some seconds.
   *
   * @param step mean seconds of a step
   * @param serverMillis of processor time that the server's threads took in a second
   * @param answers a second
   * @param slowestAnswer seconds that a scraper of good will beside the others waited at most
   */
  private record Stretch(double step, double serverMillis, double answers, double slowestAnswer) {}

  /**
   * Steps with readers beside those before and after.
   *
   * @param without mean seconds of a step without readers
   */
  private record Pair(double without, Stretch with) {
    double cost() {
      return 100 * (with.step() / without - 1);
    }
  }

  private Stretch stretch(Kind kind) throws Exception {
    going = true;
    List<Thread> readers = new ArrayList<>();
    for (int reader = 0; reader < kind.threads; reader++) {
      Thread thread = new Thread(() -> read(kind));
      thread.setDaemon(true);
      thread.start();
      readers.add(thread);
    }
    TimeUnit.MILLISECONDS.sleep(Math.round(1000 * SECONDS_UNTIL_LOGGED));
    int from = Files.readAllLines(log).size();
    double slowest = 0;
    long processor = serverNanos();
    answers.set(0);
    for (int second = 0; second < SECONDS; second++) {
      long start = System.nanoTime();
      if (kind != Kind.NONE) {
        slowest = Math.max(slowest, ask());
      }
      LockSupport.parkNanos(NANOS_PER_SECOND - (System.nanoTime() - start));
    }
    double millis = (serverNanos() - processor) / NANOS_PER_MILLI / SECONDS;
    double answered = answers.get() / (double) SECONDS;
    List<String> lines = Files.readAllLines(log);
    going = false;
    for (Socket socket : sockets) {
      socket.close(); // who waits for an answer waits no longer
    }
    for (Thread reader : readers) {
      reader.join(TimeUnit.SECONDS.toMillis(15));
    }
    double step =
        lines.subList(from, lines.size()).stream()
            .mapToDouble(ReaderLoad::seconds)
            .average()
            .orElseThrow();
    return new Stretch(step, millis, answered, slowest);
  }

  /** Processor time that the server's threads have taken, as Linux counts it; 0 elsewhere. */
  private long serverNanos() throws IOException {
    if (!Files.exists(tasks)) {
      return 0;
    }
    long nanos = 0;
    try (Stream<Path> threads = Files.list(tasks)) {
      for (Path thread : threads.toList()) {
        nanos += nanos(thread);
      }
    }
    return nanos;
  }

  private static long nanos(Path thread) throws IOException {
    try {
      if (!SERVER_THREADS.matcher(Files.readString(thread.resolve("comm"))).lookingAt()) {
        return 0;
      }
      return Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ", 2)[0]);
    } catch (NoSuchFileException e) {
      return 0; // it has ended
    }
  }

  private static double seconds(String line) {
    try {
      return new JsonMapper().readTree(line).path("seconds").asDouble();
    } catch (IOException e) {
      throw new AssertionError(line, e);
    }
  }

  /** A scraper of good will, beside the others. */
  private double ask() throws IOException {
    long start = System.nanoTime();
    try (Socket socket = connect()) {
      exchange(socket, REQUEST);
    }
    return (System.nanoTime() - start) / (double) NANOS_PER_SECOND;
  }

  private void read(Kind kind) {
    while (going) {
      try (Socket socket = connect()) {
        switch (kind) {
          case NONE, PROMETHEUS -> LockSupport.parkNanos(NANOS_PER_SECOND);
          case KEEPING, PAGES -> {
            while (going) {
              exchange(socket, kind == Kind.PAGES ? PAGE_REQUEST : REQUEST);
            }
          }
          case COMING -> {
            long start = System.nanoTime();
            exchange(socket, REQUEST);
            LockSupport.parkNanos(NANOS_PER_SECOND * READERS / 1000 - (System.nanoTime() - start));
          }
          case GARBAGE -> {
            socket.getOutputStream().write("\0\1\2 no request\r\n\r\n".getBytes(ISO_8859_1));
            socket.getInputStream().readAllBytes();
            answers.incrementAndGet();
          }
          case SLOW -> {
            boolean half = Thread.currentThread().getId() % 2 == 0;
            socket
                .getOutputStream()
                .write(
                    (half ? REQUEST.substring(0, 20) : REQUEST.replace("gzip", "x").repeat(50))
                        .getBytes(ISO_8859_1));
            while (going && socket.getInputStream().available() >= 0) {
              LockSupport.parkNanos(NANOS_PER_SECOND / 4);
            }
          }
        }
      } catch (IOException e) {
        LockSupport.parkNanos(NANOS_PER_SECOND / 1000); // closed by the server; again
      } finally {
        sockets.removeIf(Socket::isClosed);
      }
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    sockets.add(socket);
    return socket;
  }

  private void exchange(Socket socket, String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed");
      }
      head.append((char) next);
    }
    String lower = head.toString().toLowerCase(Locale.ROOT);
    int at = lower.indexOf("content-length:") + "content-length:".length();
    int length = Integer.parseInt(lower.substring(at, lower.indexOf('\r', at)).strip());
    in.readNBytes(length);
    answers.incrementAndGet();
  }
}
