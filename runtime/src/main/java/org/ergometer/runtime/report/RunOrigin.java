package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a run came about.
 *
 * @param started when its first process began; null where no summary tells it
 * @param command of that process; null where no summary tells it
 * @param resumedWith commands of the processes that went on with it, this one included
 */
public record RunOrigin(
    @Nullable Instant started, @Nullable String command, List<String> resumedWith) {

  public RunOrigin {
    resumedWith = List.copyOf(resumedWith);
  }

  /** A run that begins. */
  public static RunOrigin begun(Instant now, String command) {
    return new RunOrigin(now, command, List.of());
  }

  /**
   * A run that goes on.
   *
   * @param summary of the processes before; where it cannot be read, what it told is unknown
   */
  public static RunOrigin continued(Path summary, String command) {
    JsonNode recipe;
    Instant started;
    try {
      JsonNode json = RunSummary.read(summary).json();
      recipe = json.path("recipe");
      started = Instant.parse(json.path("time").path("started").asText());
    } catch (IllegalArgumentException | DateTimeParseException e) {
      return new RunOrigin(null, null, List.of(command));
    }
    List<String> resumedWith = new ArrayList<>();
    recipe.path("resumed_with").forEach(earlier -> resumedWith.add(earlier.asText()));
    resumedWith.add(command);
    return new RunOrigin(
        started, recipe.has("command") ? recipe.path("command").asText() : null, resumedWith);
  }
}
