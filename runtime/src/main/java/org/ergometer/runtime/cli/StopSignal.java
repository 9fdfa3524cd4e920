package org.ergometer.runtime.cli;

import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Asks a run to stop when the process is interrupted, told to terminate, or loses its terminal: the
 * first signal lets the step end and the model be saved, the second ends the process at once.
 *
 * <p>The JDK's signal class is reached by reflection, since it is outside the platform's standard
 * and the compiler warns of it; where it is missing, signals act as they always do.
 */
final class StopSignal {

  private static final List<String> SIGNALS = List.of("INT", "TERM", "HUP");

  private static final String WHILE_TRAINING =
      "stopping after this step and saving; once more stops at once";

  private final AtomicBoolean requested = new AtomicBoolean();
  private final PrintWriter err;
  private volatile String consequence = WHILE_TRAINING;

  private StopSignal(PrintWriter err) {
    this.err = err;
  }

  /** Listens from now on until the process ends. */
  static StopSignal install(PrintWriter err) {
    StopSignal stop = new StopSignal(err);
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler receive =
          (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
              stop.receive();
              return null;
            }
            return method.invoke(stop, arguments);
          };
      Object receiver =
          Proxy.newProxyInstance(
              StopSignal.class.getClassLoader(), new Class<?>[] {handler}, receive);
      for (String name : SIGNALS) {
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), receiver);
      }
    } catch (ReflectiveOperationException e) {
      err.println(
          "ergometer: this Java runtime hands no signals on; interrupting will not save the model");
    }
    return stop;
  }

  boolean requested() {
    return requested.get();
  }

  /**
   * Says what a signal does from now on, where it does not stop the training.
   *
   * @param inWords what is told to whoever sends it
   */
  void means(String inWords) {
    consequence = inWords;
  }

  private void receive() {
    if (requested.getAndSet(true)) {
      Runtime.getRuntime().halt(ExitCode.INTERRUPTED.status());
    }
    err.println();
    err.println("ergometer: " + consequence);
    err.flush();
  }
}
