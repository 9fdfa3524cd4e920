package org.ergometer.runtime.telemetry;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.storage.FileProblem;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@link Resource}s over HTTP on threads of its own, so that a scrape never waits for a
 * training step.
 *
 * <p>A step hardly waits for a scrape either: few requests are begun a second, and their threads
 * have the usual priority. With a lower one they would take less of a processor, but what they hold
 * would be held for longer: not only locks, since each collection of garbage stops the training
 * until all threads have come to where they can be stopped.
 */
public final class MetricsServer implements AutoCloseable {

  /** Port that Prometheus' list of exporters knows for metrics of applications. */
  public static final int USUAL_PORT = 9464;

  private static final String LOOPBACK = "127.0.0.1";

  /** Connections at a time; one more is closed at once. */
  private static final int CONNECTIONS = 512;

  /** Requests that wait for their turn, eight seconds of them: Prometheus waits ten at most. */
  private static final int WAITING = 160;

  /** Many times what Prometheus and some pages need; each takes some tenths of a millisecond. */
  private static final int REQUESTS_A_SECOND = 20;

  /** After a pause. */
  private static final int REQUESTS_AT_ONCE = 100;

  /** Properties of the JDK's server: seconds for a request, for an answer; connections. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "sun.net.httpserver.maxReqTime", "10",
          "sun.net.httpserver.maxRspTime", "10",
          "jdk.httpserver.maxConnections", Integer.toString(CONNECTIONS),
          "sun.net.httpserver.nodelay", "true");

  static {
    LIMITS.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
  }

  private final HttpServer server;
  private final PacedExecutor threads;

  private MetricsServer(
      HttpServer server,
      KnownHosts hosts,
      @Nullable Credentials credentials,
      Map<String, Resource> resources) {
    this.server = server;
    Pace pace = new Pace(REQUESTS_A_SECOND, REQUESTS_AT_ONCE, System::nanoTime);
    this.threads = new PacedExecutor(pace, CONNECTIONS, WAITING);
    server.setExecutor(threads);
    HttpContext context = server.createContext("/", new RequestHandler(hosts, resources));
    if (credentials != null) {
      context.setAuthenticator(credentials);
    }
    server.start();
  }

  /**
   * Starts to serve.
   *
   * @param host address to listen on
   * @param port port that must be free, 0 for any; null for the usual one if it is free, else any
   * @param protection against other readers than those that are meant
   * @param resources what is served, by path
   * @throws IllegalArgumentException if the address is not of this machine or the port is taken
   */
  public static MetricsServer start(
      String host, @Nullable Integer port, Protection protection, Map<String, Resource> resources) {
    InetAddress address = address(host);
    try {
      HttpServer server = bind(address, port, protection.identity());
      return new MetricsServer(server, new KnownHosts(host), protection.credentials(), resources);
    } catch (BindException e) {
      throw new InvalidInputException(reason(e, address, host, port), e);
    } catch (IOException e) {
      throw new InvalidInputException(
          "metrics cannot be served on %s (%s); set --metrics-host or --no-metrics"
              .formatted(host, FileProblem.of(e)),
          e);
    }
  }

  private static String reason(
      BindException refused, InetAddress address, String host, @Nullable Integer port) {
    if (port == null || port == 0 || !canBind(address)) {
      return "metrics-host must be an address of this machine, got \"%s\"; set --metrics-host"
          .formatted(host);
    }
    boolean forbidden = String.valueOf(refused.getMessage()).contains("ermission denied");
    return forbidden
        ? "metrics-port %s needs rights that this user has not; set --metrics-port to 1024 or more, or 0 for any free one"
            .formatted(port)
        : "metrics-port %s of %s is in use; set another --metrics-port, or 0 for any free one"
            .formatted(port, host);
  }

  /**
   * Finds out whether metrics could be served, and serves nothing.
   *
   * @throws IllegalArgumentException if the address is not of this machine or the port is taken
   */
  public static void requireServable(String host, @Nullable Integer port) {
    start(host, port, Protection.NONE, Map.of()).close();
  }

  /** Where a path is as this machine sees it, such as {@code http://127.0.0.1:9464/metrics}. */
  public String url(String path) {
    InetSocketAddress address = server.getAddress();
    String host =
        address.getAddress().isAnyLocalAddress() ? LOOPBACK : address.getAddress().getHostAddress();
    return "%s://%s:%s%s"
        .formatted(
            server instanceof HttpsServer ? "https" : "http",
            host.contains(":") ? "[" + host + "]" : host,
            address.getPort(),
            path);
  }

  /** Whether other machines may reach it. */
  public boolean exposed() {
    return !server.getAddress().getAddress().isLoopbackAddress();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** Stops at once. */
  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new InvalidInputException(
          "metrics-host must be a known host, got \"%s\"; set --metrics-host".formatted(host), e);
    }
  }

  private static HttpServer bind(
      InetAddress address, @Nullable Integer port, @Nullable ServerIdentity identity)
      throws IOException {
    if (port != null) {
      return create(new InetSocketAddress(address, port), identity);
    }
    try {
      return create(new InetSocketAddress(address, USUAL_PORT), identity);
    } catch (BindException e) {
      return create(new InetSocketAddress(address, 0), identity);
    }
  }

  private static HttpServer create(InetSocketAddress address, @Nullable ServerIdentity identity)
      throws IOException {
    if (identity == null) {
      return HttpServer.create(address, 0);
    }
    HttpsServer server = HttpsServer.create(address, 0);
    server.setHttpsConfigurator(new HttpsConfigurator(identity.context()));
    return server;
  }

  private static boolean canBind(InetAddress address) {
    try {
      HttpServer.create(new InetSocketAddress(address, 0), 0).stop(0);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
