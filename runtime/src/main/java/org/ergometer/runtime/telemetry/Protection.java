package org.ergometer.runtime.telemetry;

import org.jspecify.annotations.Nullable;

/**
 * What protects a server where others reach it.
 *
 * @param credentials what readers have to know; null for nothing
 * @param identity for TLS; null for plain HTTP
 */
public record Protection(@Nullable Credentials credentials, @Nullable ServerIdentity identity) {

  /** For a server that only this machine reaches. */
  public static final Protection NONE = new Protection(null, null);
}
