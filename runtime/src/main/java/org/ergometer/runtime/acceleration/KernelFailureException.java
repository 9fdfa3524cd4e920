package org.ergometer.runtime.acceleration;

/**
 * A kernel that failed while it worked, for want of memory perhaps. The results of its op may be
 * half written, so that neither ND4J can do the op instead nor the step go on.
 */
public final class KernelFailureException extends RuntimeException {

  private static final long serialVersionUID = 1;

  KernelFailureException(String library, int status) {
    super(
        "%s failed within an op, status %s; free memory, or leave it out with --acceleration off"
            .formatted(library, status));
  }
}
