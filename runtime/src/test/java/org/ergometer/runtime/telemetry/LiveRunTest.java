package org.ergometer.runtime.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import org.ergometer.runtime.training.TextSample;
import org.ergometer.runtime.training.TrainingStep;
import org.junit.jupiter.api.Test;

class LiveRunTest {

  private long nanos;
  private final LiveRun run = new LiveRun("p1", () -> nanos);

  @Test
  void tellsEverythingAtFirstAndThenWhatIsNew() throws IOException {
    run.is(LiveRun.RUNNING, 10);
    step(1, 4);
    run.samples(List.of(new TextSample(1, "a \"quoted\" line\n")));
    run.summary("{\"run_id\":\"r\"}");

    JsonNode all = ask("");
    step(2, 3);
    JsonNode news = ask("since=" + all.path("cursor").asText());

    assertThat(all.path("schema").asText()).isEqualTo("ergometer.live/1");
    assertThat(all.path("status").asText()).isEqualTo("running");
    assertThat(all.path("steps").asInt()).isEqualTo(10);
    assertThat(all.path("rows")).hasSize(1);
    assertThat(all.path("rows").get(0).get(1).asDouble()).isEqualTo(4);
    assertThat(all.path("rows").get(0).get(2).isNull()).as("no evaluation").isTrue();
    assertThat(all.path("samples").get(0).path("text").asText()).isEqualTo("a \"quoted\" line\n");
    assertThat(all.path("summary").path("run_id").asText()).isEqualTo("r");
    assertThat(news.path("from").asInt()).isEqualTo(1);
    assertThat(news.path("rows")).hasSize(1);
    assertThat(news.path("rows").get(0).get(0).asInt()).isEqualTo(2);
    assertThat(news.has("samples")).as("they are known").isFalse();
  }

  @Test
  void whatIsNoCursorOfThisProcessAsksForEverything() throws IOException {
    step(1, 4);
    step(2, 3);
    for (String query :
        List.of(
            "since=", "since=p0.0.2.0", "since=p1.0.99.0", "since=p1.x.y.z", "since=p1.0.-1.0")) {
      assertThat(ask(query).path("rows")).as(query).hasSize(2);
      assertThat(ask(query).path("from").asInt()).as(query).isZero();
    }
  }

  /** News are made for each reader, so that only so many have them; the rest share everything. */
  @Test
  void whoeverAsksWithoutEndSharesOneAnswer() throws IOException {
    step(1, 4);
    String cursor = ask("").path("cursor").asText();
    step(2, 3);
    int news = 0;
    for (int request = 0; request < 1000; request++) {
      news += ask("since=" + cursor).path("from").asInt();
      nanos += 1_000_000;
    }
    // twenty at once, and then ten a second
    assertThat(news).isEqualTo(20 + 9);

    Resource.Request all = new Resource.Request("/run.json", "", "*/*");
    assertThat(run.answer(all)).isSameAs(run.answer(all));
    nanos += 200_000_000;
    assertThat(run.answer(all)).isSameAs(run.answer(all));
  }

  @Test
  void aLossThatIsNoNumberIsNull() throws IOException {
    step(1, Double.NaN);

    assertThat(ask("").path("rows").get(0).get(1).isNull()).isTrue();
  }

  @Test
  void theFileOfARunHoldsItsDataAndNoEndOfScript() {
    run.samples(List.of(new TextSample(1, "</script><b>")));

    assertThat(RunPage.of(run)).contains("\\u003c/script>\\u003cb>").doesNotContain("</script><b>");
  }

  private void step(int number, double loss) {
    run.history().stepDone(new TrainingStep(number, loss, 0.1, 1, true, 0.5, 8, null, null));
  }

  private JsonNode ask(String query) throws IOException {
    Resource.Answer answer = run.answer(new Resource.Request("/run.json", query, "*/*"));
    assertThat(answer.contentType()).isEqualTo("application/json");
    return new JsonMapper().readTree(new String(answer.body(), UTF_8));
  }
}
