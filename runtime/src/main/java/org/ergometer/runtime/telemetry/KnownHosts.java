package org.ergometer.runtime.telemetry;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names by which the metrics' server may be asked. A page on the web can have its own name point to
 * this machine and then read what is served here as if it were its own (DNS rebinding); the header
 * {@code Host} gives it away.
 *
 * <p>Known are addresses, the name that the server was told to listen on, those of this machine,
 * and names that nobody can register on the web: of one label, or under {@code localhost}, {@code
 * internal} and {@code local} (RFC 6761, RFC 6762, ICANN's reservation of {@code internal}).
 */
final class KnownHosts {

  private static final Pattern IP4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  private static final Pattern PRIVATE = Pattern.compile(".*\\.(localhost|internal|local)");

  private final Set<String> names = new HashSet<>();

  /**
   * Those of a server.
   *
   * @param listening the name or address that it was told to listen on
   */
  KnownHosts(String listening) {
    names.add(listening.toLowerCase(Locale.ROOT));
    try {
      InetAddress machine = InetAddress.getLocalHost();
      names.add(machine.getHostName().toLowerCase(Locale.ROOT));
      names.add(machine.getCanonicalHostName().toLowerCase(Locale.ROOT));
    } catch (UnknownHostException e) {
      // a machine without a name is asked by its address
    }
  }

  /**
   * Whether a request for a host is meant for this server.
   *
   * @param header value of {@code Host}, with or without a port; empty where there is none, as in
   *     HTTP/1.0, which no browser speaks
   */
  boolean includes(String header) {
    String host = withoutPort(header.strip().toLowerCase(Locale.ROOT));
    return host.isEmpty()
        || host.startsWith("[")
        || !host.contains(".")
        || IP4.matcher(host).matches()
        || PRIVATE.matcher(host).matches()
        || names.contains(host);
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }
}
