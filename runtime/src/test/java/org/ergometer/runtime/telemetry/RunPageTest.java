package org.ergometer.runtime.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.reconcile.Cause;
import org.ergometer.runtime.report.RunStatus;
import org.junit.jupiter.api.Test;

class RunPageTest {

  private static final Pattern POLICY =
      Pattern.compile("<meta http-equiv=\"Content-Security-Policy\" content=\"([^\"]*)\">");
  private static final Pattern SCRIPT = Pattern.compile("(?s)<script>(.*?)</script>");

  private static final String FILE = RunPage.of(new LiveRun("file"));
  private static final Resource.Answer SERVED =
      RunPage.resource().answer(new Resource.Request("/", "", ""));

  @Test
  void nothingButThePagesOwnScriptsRuns() throws NoSuchAlgorithmException {
    for (String page : List.of(FILE, new String(SERVED.body(), UTF_8))) {
      String policy = policy(page);
      assertThat(policy).startsWith("default-src 'none'; script-src 'sha256-");
      assertThat(policy.split("; style-src", -1)[0]).doesNotContain("unsafe", "http", "*");
      List<String> scripts = SCRIPT.matcher(page).results().map(found -> found.group(1)).toList();
      assertThat(scripts).hasSize(2);
      for (String script : scripts) {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(UTF_8));
        assertThat(policy).contains("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
      }
    }
  }

  @Test
  void aFileAsksForNothing() {
    assertThat(policy(FILE)).contains("connect-src 'none'");
    assertThat(policy(new String(SERVED.body(), UTF_8))).contains("connect-src 'self'");
    assertThat(SERVED.headers().get("Content-Security-Policy")).isEqualTo("frame-ancestors 'none'");
  }

  @Test
  void dataEndsNoScript() {
    LiveRun run = new LiveRun("file");
    run.summary("{\"run_id\":\"</script><script>alert(1)</script>\"}");

    assertThat(RunPage.of(run)).doesNotContain("<script>alert").contains("\\u003c/script>");
  }

  @Test
  void theNamesThatThePageKnowsAreThoseThatThereAre() {
    assertThat(names("PHASES")).containsExactlyInAnyOrder(labels(Phase.values(), Phase::label));
    assertThat(names("CAUSES")).containsExactlyInAnyOrder(labels(Cause.values(), Cause::label));
    assertThat(names("OP_CLASSES"))
        .containsExactlyInAnyOrder(labels(OpClass.values(), OpClass::label));
    assertThat(names("STATUSES"))
        .contains(labels(RunStatus.values(), RunStatus::label))
        .contains(LiveRun.RUNNING, "preparing")
        .hasSize(RunStatus.values().length + 2);
  }

  private static <E> String[] labels(E[] all, Function<E, String> label) {
    return Arrays.stream(all).map(label).toArray(String[]::new);
  }

  private static List<String> names(String constant) {
    Matcher list =
        Pattern.compile("const " + constant + " = \\[(.*?)\\];", Pattern.DOTALL).matcher(FILE);
    assertThat(list.find()).as(constant).isTrue();
    return Stream.of(list.group(1).split(",", -1))
        .map(name -> name.strip().replace("\"", ""))
        .toList();
  }

  private static String policy(String page) {
    Matcher policy = POLICY.matcher(page);
    assertThat(policy.find()).isTrue();
    return policy.group(1);
  }
}
