package org.ergometer.runtime.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.ergometer.runtime.checkpoint.Sha256;

/**
 * The page that shows a run, whole in one file: for a run that goes on, served and asking for news;
 * for one that is over, with all its data in it. It requests nothing from anywhere else.
 */
public final class RunPage {

  private static final String UPLOT_VERSION =
      "/META-INF/maven/org.webjars.npm/uplot/pom.properties";
  private static final String NO_DATA = "null";

  /** What is in a page, and nothing else: its scripts by their digests, styles, an icon. */
  private static final String POLICY =
      "default-src 'none'; script-src %s; style-src 'unsafe-inline'; img-src data:; connect-src %s;"
          + " base-uri 'none'; form-action 'none'";

  /** A page may say all of its policy but this. */
  private static final Map<String, String> HEADERS =
      Map.of("Content-Security-Policy", "frame-ancestors 'none'", "Referrer-Policy", "no-referrer");

  private static final Pattern SCRIPT = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL);

  private RunPage() {}

  /** The page of the run that this process does; it asks {@code run.json} for news. */
  public static Resource resource() {
    Resource.Answer answer =
        new Resource.Answer(
            200, "text/html; charset=utf-8", html(NO_DATA, "'self'").getBytes(UTF_8), HEADERS);
    return request -> answer;
  }

  /** The page of a run as it is now, with all its data. */
  public static String of(LiveRun run) {
    return html(run.json(), "'none'");
  }

  /**
   * A page whose policy is beside it in the document, so that a file has it, too. In a script
   * element only the sequence that ends it has a meaning.
   *
   * @param reachable what its scripts may ask for news
   */
  private static String html(String data, String reachable) {
    String page =
        text("page.html")
            .replace("{{uplot.css}}", uplot("uPlot.min.css"))
            .replace("{{page.css}}", text("page.css"))
            .replace("{{uplot.js}}", uplot("uPlot.iife.min.js"))
            .replace("{{page.js}}", text("page.js"));
    String digests =
        SCRIPT
            .matcher(page)
            .results()
            .map(script -> "'sha256-%s'".formatted(digest(script.group(1))))
            .collect(Collectors.joining(" "));
    return page.replace("{{policy}}", POLICY.formatted(digests, reachable))
        .replace("{{data}}", data.replace("<", "\\u003c"));
  }

  private static String digest(String script) {
    return Base64.getEncoder().encodeToString(Sha256.digest().digest(script.getBytes(UTF_8)));
  }

  /** A webjar keeps its files under its version. */
  private static String uplot(String file) {
    Properties about = new Properties();
    try {
      about.load(new StringReader(text(UPLOT_VERSION)));
    } catch (IOException e) {
      throw new UncheckedIOException(UPLOT_VERSION + " cannot be read", e);
    }
    return text(
        "/META-INF/resources/webjars/uplot/%s/dist/%s"
            .formatted(about.getProperty("version"), file));
  }

  private static String text(String resource) {
    try (InputStream in = RunPage.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(
            resource + " is not on the class path; build with ./mvnw package");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " cannot be read", e);
    }
  }
}
