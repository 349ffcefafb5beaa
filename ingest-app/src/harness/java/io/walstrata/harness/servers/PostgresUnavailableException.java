package io.walstrata.harness.servers;

import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL cannot run on this machine at all: no unprivileged user to run it as, no program for
 * this platform, or a program that does not load. The message names it. Trying again does not help;
 * other sources of WAL do.
 */
public final class PostgresUnavailableException extends ServerException {
  private static final long serialVersionUID = 1L;

  public PostgresUnavailableException(String message) {
    super(message);
  }

  public PostgresUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
