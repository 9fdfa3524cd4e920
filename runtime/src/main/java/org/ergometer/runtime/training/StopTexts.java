package org.ergometer.runtime.training;

import java.util.List;
import java.util.function.Consumer;

/**
 * Hands out text as it comes until one of some texts begins in it. What may become the beginning of
 * one is held back until it cannot.
 */
final class StopTexts {

  private final List<String> stops;
  private final Consumer<String> out;
  private final StringBuilder written = new StringBuilder();
  private final StringBuilder held = new StringBuilder();

  StopTexts(List<String> stops, Consumer<String> out) {
    this.stops = stops;
    this.out = out;
  }

  /** Takes more text; tells whether one of the texts is in it, after which no more may come. */
  boolean add(String piece) {
    held.append(piece);
    int found = stops.stream().mapToInt(held::indexOf).filter(at -> at >= 0).min().orElse(-1);
    int end = found >= 0 ? found : safe();
    handOut(end);
    if (found >= 0) {
      held.setLength(0);
    }
    return found >= 0;
  }

  /** The text has ended: what was held back is text. */
  void end() {
    handOut(held.length());
  }

  /** All that was handed out. */
  String text() {
    return written.toString();
  }

  private void handOut(int end) {
    if (end > 0) {
      String piece = held.substring(0, end);
      held.delete(0, end);
      written.append(piece);
      out.accept(piece);
    }
  }

  /** Characters before the first with which one of the texts may begin. */
  private int safe() {
    for (int at = 0; at < held.length(); at++) {
      String rest = held.substring(at);
      if (stops.stream().anyMatch(stop -> stop.startsWith(rest))) {
        return at;
      }
    }
    return held.length();
  }
}
