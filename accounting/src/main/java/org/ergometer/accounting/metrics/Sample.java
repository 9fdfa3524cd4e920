package org.ergometer.accounting.metrics;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Value of one series of a metric at one instant. */
record Sample(Series series, double value) {

  /** One series: a metric and its label values. */
  record Series(Metric metric, Tags tags) {}

  /** A sample with label values in the order of {@link Metric#labels()}. */
  static Sample of(Metric metric, double value, List<String> labelValues) {
    List<String> labels = metric.labels();
    if (labels.size() != labelValues.size()) {
      throw new IllegalArgumentException(
          "%s has labels %s, got values %s".formatted(metric, labels, labelValues));
    }
    List<Tag> tags = new ArrayList<>();
    for (int label = 0; label < labels.size(); label++) {
      tags.add(Tag.of(labels.get(label), labelValues.get(label)));
    }
    return new Sample(new Series(metric, Tags.of(tags)), value);
  }

  /** An info metric: 1, with identities as labels. */
  static Sample info(Metric metric, Map<String, String> identity) {
    if (!metric.freeLabels()) {
      throw new IllegalArgumentException(metric + " carries no identities");
    }
    List<Tag> tags = new ArrayList<>();
    identity.forEach((label, value) -> tags.add(Tag.of(label, value)));
    return new Sample(new Series(metric, Tags.of(tags)), 1);
  }
}
