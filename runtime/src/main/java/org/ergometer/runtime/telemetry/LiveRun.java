package org.ergometer.runtime.telemetry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.function.LongSupplier;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.training.TextSample;
import org.jspecify.annotations.Nullable;

/**
 * What the page shows of a run, as one JSON object of schema {@value #SCHEMA}; {@code
 * docs/live-page.md} describes it.
 *
 * <p>A reader that names the cursor of the answer before gets only what is new; where too many ask
 * for that, everything, in an answer that they share. Written by the thread that trains, read by
 * those that serve, for whom it hardly waits: they copy what there is, and write text of the copy.
 */
public final class LiveRun implements Resource {

  /** What a run is doing while it trains; else it is preparing, or its end has a name. */
  public static final String RUNNING = "running";

  static final String SCHEMA = "ergometer.live/1";

  private static final String JSON = "application/json";
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final MathContext DIGITS = new MathContext(6);
  private static final String SINCE = "since=";

  /** Each costs as much as a scrape; a page asks for one in two seconds. */
  private static final int NEWS_A_SECOND = 10;

  private final String process;
  private final SharedAnswer everything;
  private final Pace news;
  private final RunHistory history = new RunHistory();
  private volatile Said said = new Said("preparing", 0, null, List.of(), 0);

  /**
   * What is known beside the course of the run.
   *
   * @param sampleVersion how often the samples changed
   */
  private record Said(
      String status,
      int steps,
      @Nullable String summary,
      List<TextSample> samples,
      int sampleVersion) {}

  /** What a reader has already. */
  private record Cursor(String process, int mergers, int points, int samples) {

    private static final int PARTS = 4;

    static final Cursor NOTHING = new Cursor("", 0, 0, 0);

    /** What is no cursor asks for everything. */
    static Cursor of(String query) {
      String[] parts =
          query.startsWith(SINCE)
              ? query.substring(SINCE.length()).split("\\.", -1)
              : new String[0];
      try {
        return parts.length == PARTS
            ? new Cursor(
                parts[0],
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                Integer.parseInt(parts[3]))
            : NOTHING;
      } catch (NumberFormatException e) {
        return NOTHING;
      }
    }

    @Override
    public String toString() {
      return "%s.%s.%s.%s".formatted(process, mergers, points, samples);
    }
  }

  /**
   * A run that has not begun.
   *
   * @param process tells the readers of one process from those of another; without full stops
   */
  public LiveRun(String process) {
    this(process, System::nanoTime);
  }

  LiveRun(String process, LongSupplier nanoTime) {
    if (process.isEmpty() || process.contains(".")) {
      throw new InvalidInputException(
          "the name of a process must be a word without full stops, got \"%s\"".formatted(process));
    }
    this.process = process;
    this.everything = new SharedAnswer(() -> Answer.of(JSON, json()), nanoTime);
    this.news = new Pace(NEWS_A_SECOND, 2 * NEWS_A_SECOND, nanoTime);
  }

  /** The course of the run. */
  public RunHistory history() {
    return history;
  }

  /** Says how many steps the run is to have, and what it does. */
  public synchronized void is(String doing, int ofSteps) {
    said = new Said(doing, ofSteps, said.summary, said.samples, said.sampleVersion);
  }

  /** Puts a newer summary, of schema {@code ergometer.run/1}, in place of the one before. */
  public synchronized void summary(String json) {
    said = new Said(said.status, said.steps, json, said.samples, said.sampleVersion);
  }

  /** Says what the model wrote as it learned. */
  public synchronized void samples(List<TextSample> written) {
    said =
        new Said(
            said.status, said.steps, said.summary, List.copyOf(written), said.sampleVersion + 1);
  }

  @Override
  public Answer answer(Request request) {
    Cursor cursor = Cursor.of(request.query());
    return cursor.process().equals(process) && news.takeIfDue()
        ? Answer.of(JSON, json(cursor))
        : everything.get();
  }

  /** Everything. */
  String json() {
    return json(Cursor.NOTHING);
  }

  private String json(Cursor cursor) {
    Said said = this.said; // before the history, so that of a run that is over all is there
    boolean known = cursor.process().equals(process);
    RunHistory.Part part =
        known ? history.since(cursor.mergers(), cursor.points()) : history.since(-1, 0);
    Cursor next = new Cursor(process, part.mergers(), part.complete(), said.sampleVersion);
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("schema", SCHEMA);
      json.writeStringField("status", said.status);
      json.writeNumberField("steps", said.steps);
      json.writeStringField("cursor", next.toString());
      json.writeNumberField("steps_a_point", part.stepsAPoint());
      write(json, part);
      if (!known || cursor.samples() != said.sampleVersion) {
        writeSamples(json, said.samples);
      }
      if (said.summary != null) {
        json.writeFieldName("summary");
        json.writeRawValue(said.summary);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a writer into memory does not fail", e);
    }
    return text.toString();
  }

  private static void writeSamples(JsonGenerator json, List<TextSample> samples)
      throws IOException {
    json.writeArrayFieldStart("samples");
    for (TextSample sample : samples) {
      json.writeStartObject();
      json.writeNumberField("step", sample.step());
      json.writeStringField("text", sample.text());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, RunHistory.Part part) throws IOException {
    json.writeArrayFieldStart("columns");
    for (String column : RunHistory.COLUMNS) {
      json.writeString(column);
    }
    json.writeEndArray();
    json.writeNumberField("from", part.from());
    json.writeArrayFieldStart("rows");
    for (@Nullable Double[] row : part.rows()) {
      json.writeStartArray();
      for (Double value : row) {
        if (value == null || !Double.isFinite(value)) {
          json.writeNull();
        } else {
          json.writeRawValue(digits(value));
        }
      }
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private static String digits(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return whole
        ? Long.toString((long) value)
        : new BigDecimal(value).round(DIGITS).stripTrailingZeros().toString();
  }
}
