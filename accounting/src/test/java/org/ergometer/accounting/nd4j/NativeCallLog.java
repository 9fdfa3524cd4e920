package org.ergometer.accounting.nd4j;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Every native method of ND4J and JavaCPP that was called, by caller and callee, while the log is
 * on. {@link NativeCallAgent} puts a call of {@link #called} in front of each.
 */
public final class NativeCallLog {

  private static final String JAVACPP = "org.bytedeco.";
  private static final StackWalker STACK = StackWalker.getInstance();

  private static final Map<String, Long> CALLS = new TreeMap<>();
  private static boolean on;

  private NativeCallLog() {}

  static synchronized void start() {
    CALLS.clear();
    on = true;
  }

  /** What was called since {@link #start}: {@code Class.method -> Class.method} and how often. */
  static synchronized Map<String, Long> stop() {
    on = false;
    return new TreeMap<>(CALLS);
  }

  /** Called by every wrapped native method. */
  public static synchronized void called() {
    if (on) {
      List<StackFrame> frames = STACK.walk(stack -> stack.skip(1).limit(30).toList());
      CALLS.merge(describe(frames), 1L, Long::sum);
    }
  }

  /**
   * Who called, and the first method called on the way into native code: JavaCPP's own methods in
   * between are no callers.
   */
  private static String describe(List<StackFrame> frames) {
    int caller = 1;
    while (caller < frames.size() && frames.get(caller).getClassName().startsWith(JAVACPP)) {
      caller++;
    }
    String from = caller < frames.size() ? name(frames.get(caller)) : "JVM";
    return from + " -> " + name(frames.get(caller - 1));
  }

  private static String name(StackFrame frame) {
    String type = frame.getClassName();
    return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
  }
}
