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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
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
 * median and quartiles over the rounds. The readers run on the same machine: on Linux under the
 * policy SCHED_IDLE, so that they take of it what is left over, or processors of their own, {@code
 * -Dreader.processors=2-15}, while the run stays on those that this was started on; elsewhere what
 * they take is in the cost. {@code -Drounds=} and {@code -Dseconds=}, of a stretch, change how long
 * it takes.
 */
final class ReaderLoad {

  private static final int ROUNDS = Integer.getInteger("rounds", 4);
  private static final int SECONDS = Integer.getInteger("seconds", 3);

  /** Of the readers, where they have some to themselves. */
  private static final String PROCESSORS = System.getProperty("reader.processors", "");

  private static final double SECONDS_UNTIL_LOGGED = 1.2;

  /** Until then compilers take more than any reader. */
  private static final int SECONDS_TO_WARM_UP = 40;

  private static final int READERS = 20;
  private static final int SLOW_READERS = 200;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double MILLIS = 1000;

  /** As Linux cuts their names; the JDK's timers have other ones in its first releases. */
  private static final Pattern SERVER_THREADS =
      Pattern.compile("metrics|HTTP-Dispatcher|idle-timeout|req-rsp-timeout|server-timer");

  /** Those that compute ops: the first, and those that native code starts. */
  private static final Pattern OP_THREADS = Pattern.compile("java");

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
  private final ExecutorService starter = Executors.newSingleThreadExecutor();
  private volatile boolean going;

  private ReaderLoad(int port, Path log, Path tasks) {
    this.port = port;
    this.log = log;
    this.tasks = tasks;
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("readers");
    Path run = folder.resolve("run");
    String options =
        "train --steps 1M --metrics-port 0 --eval-every 1M --save-every 1M --no-energy --run ";
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
    if (!(PROCESSORS.isEmpty() ? starter.submit(ReaderLoad::lowered).get() : moved())) {
      System.err.println("readers have the usual priority here: what they take is in the cost");
    }
    try {
      rounds();
    } finally {
      starter.shutdown();
    }
  }

  /** Puts the calling thread, and those that it starts, behind all others; whether that worked. */
  private static boolean lowered() throws IOException, InterruptedException {
    Path self = Path.of("/proc/thread-self");
    return Files.exists(self)
        && did("chrt", "--idle", "--pid", "0", self.toRealPath().getFileName().toString());
  }

  /** Moves this process, but not the run, to the readers' processors; whether that worked. */
  private static boolean moved() throws InterruptedException {
    String self = Long.toString(ProcessHandle.current().pid());
    return did("taskset", "--all-tasks", "--cpu-list", "--pid", PROCESSORS, self);
  }

  private static boolean did(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false; // another system, or without util-linux
    }
  }

  private void rounds() throws Exception {
    Map<Kind, List<Pair>> pairs = new EnumMap<>(Kind.class);
    Stretch before = stretch(Kind.NONE);
    for (int round = 0; round < ROUNDS; round++) {
      for (Kind kind : Kind.values()) {
        if (kind != Kind.NONE) {
          Stretch with = stretch(kind);
          Stretch after = stretch(Kind.NONE);
          Pair pair = new Pair(before, with, after);
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
    System.out.printf(
        Locale.ROOT,
        "%-70s step of %.1f ms %s %%; its threads kept waiting %s ms, server worked %s ms, answers"
            + " %s a second; slowest scrape beside them %s s%n",
        kind.words,
        median(pairs, pair -> MILLIS * pair.before().step()),
        quartiles(pairs, Pair::cost, "%+.1f"),
        quartiles(pairs, Pair::moreWaited, "%+.1f"),
        quartiles(pairs, pair -> pair.with().server(), "%.1f"),
        quartiles(pairs, pair -> pair.with().answers(), "%.0f"),
        quartiles(pairs, pair -> pair.with().slowestAnswer(), "%.2f"));
  }

  private static String quartiles(List<Pair> pairs, ToDoubleFunction<Pair> value, String format) {
    double[] sorted = sorted(pairs, value);
    return String.format(
        Locale.ROOT,
        "%s (%s to %s)".replace("%s", format),
        at(sorted, 0.5),
        at(sorted, 0.25),
        at(sorted, 0.75));
  }

  private static double median(List<Pair> pairs, ToDoubleFunction<Pair> value) {
    return at(sorted(pairs, value), 0.5);
  }

  private static double[] sorted(List<Pair> pairs, ToDoubleFunction<Pair> value) {
    return pairs.stream().mapToDouble(value).sorted().toArray();
  }

  private static double at(double[] sorted, double quantile) {
    double place = quantile * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  /**
   * What was measured for some seconds.
   *
   * @param step mean seconds of a step
   * @param waited milliseconds a second that threads of ops were ready and had no processor
   * @param server milliseconds of processor time a second that the server's threads took
   * @param answers a second
   * @param slowestAnswer seconds that a scraper of good will beside the others waited at most
   */
  private record Stretch(
      double step, double waited, double server, double answers, double slowestAnswer) {}

  /** Readers beside as long without, before and after. */
  private record Pair(Stretch before, Stretch with, Stretch after) {

    /** Per cent of a step. */
    double cost() {
      return 100 * (2 * with.step() / (before.step() + after.step()) - 1);
    }

    double moreWaited() {
      return with.waited() - (before.waited() + after.waited()) / 2;
    }
  }

  private Stretch stretch(Kind kind) throws Exception {
    going = true;
    List<Thread> readers = starter.submit(() -> start(kind)).get();
    TimeUnit.MILLISECONDS.sleep(Math.round(MILLIS * SECONDS_UNTIL_LOGGED));
    int from = Files.readAllLines(log).size();
    Work before = work();
    answers.set(0);
    FutureTask<Double> scraper = new FutureTask<>(() -> kind == Kind.NONE ? 0 : slowestScrape());
    new Thread(scraper).start();
    TimeUnit.SECONDS.sleep(SECONDS);
    Work after = work();
    double seconds = (after.time() - before.time()) / (double) NANOS_PER_SECOND;
    double answered = answers.get() / seconds;
    List<String> lines = Files.readAllLines(log);
    double slowest = scraper.get(); // with the readers still there
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
    return new Stretch(
        step,
        (after.waited() - before.waited()) / NANOS_PER_MILLI / seconds,
        (after.server() - before.server()) / NANOS_PER_MILLI / seconds,
        answered,
        slowest);
  }

  private List<Thread> start(Kind kind) {
    List<Thread> readers = new ArrayList<>();
    for (int reader = 0; reader < kind.threads; reader++) {
      Thread thread = new Thread(() -> read(kind));
      thread.setDaemon(true);
      thread.start();
      readers.add(thread);
    }
    return readers;
  }

  /** What a scraper of good will has to wait at most, once a second beside the others. */
  private double slowestScrape() {
    double slowest = 0;
    for (int second = 0; second < SECONDS; second++) {
      long start = System.nanoTime();
      slowest = Math.max(slowest, ask());
      LockSupport.parkNanos(NANOS_PER_SECOND - (System.nanoTime() - start));
    }
    return slowest;
  }

  /**
   * Nanoseconds as Linux counts them until now; 0 elsewhere.
   *
   * @param time of the clock
   * @param server of processor time that the server's threads have taken
   * @param waited that threads of ops were ready and had no processor
   */
  private record Work(long time, long server, long waited) {}

  private Work work() throws IOException {
    long server = 0;
    long waited = 0;
    if (Files.exists(tasks)) {
      try (Stream<Path> threads = Files.list(tasks)) {
        for (Path thread : threads.toList()) {
          try {
            String name = Files.readString(thread.resolve("comm")).strip();
            String[] times = Files.readString(thread.resolve("schedstat")).strip().split(" ", -1);
            server += SERVER_THREADS.matcher(name).lookingAt() ? Long.parseLong(times[0]) : 0;
            waited += OP_THREADS.matcher(name).matches() ? Long.parseLong(times[1]) : 0;
          } catch (NoSuchFileException e) {
            // It has ended.
          }
        }
      }
    }
    return new Work(System.nanoTime(), server, waited);
  }

  private static double seconds(String line) {
    try {
      return new JsonMapper().readTree(line).path("seconds").asDouble();
    } catch (IOException e) {
      throw new AssertionError(line, e);
    }
  }

  /** Seconds until a scraper of good will has its answer; one that is refused asks again. */
  private double ask() {
    long start = System.nanoTime();
    boolean answered = false;
    while (!answered) {
      try (Socket socket = connect()) {
        exchange(socket, REQUEST);
        answered = true;
      } catch (IOException e) {
        LockSupport.parkNanos(NANOS_PER_SECOND / 100);
      }
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
