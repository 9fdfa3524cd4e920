package org.ergometer.runtime.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run was made of; all of its settings are in {@code config.yaml}.
 *
 * @param command of the process that began it; null where that is unknown
 * @param resumedWith commands of the processes that went on with it, in their order
 * @param version of Ergometer; null in a build that has none
 * @param steps that it is to have
 * @param batch sequences at once
 * @param accumulate batches of a step
 * @param data name of the text
 * @param files that it was read from; empty for the corpus that comes along
 * @param dataDigest the same for the same tokens to train on and to validate with
 * @param dataTokens tokens of the whole text
 */
public record Recipe(
    @Nullable String command,
    List<String> resumedWith,
    @Nullable String version,
    long seed,
    int steps,
    int batch,
    int accumulate,
    String precision,
    String optimizer,
    double learningRate,
    double minLearningRate,
    String schedule,
    int warmup,
    double weightDecay,
    double clip,
    double dropout,
    String data,
    List<String> files,
    String dataDigest,
    long dataTokens,
    String order,
    String tokenizer) {

  public Recipe {
    resumedWith = List.copyOf(resumedWith);
    files = List.copyOf(files);
  }
}
