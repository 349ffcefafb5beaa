package io.walstrata.ingest.start;

import org.jspecify.annotations.Nullable;

/** The job cannot start; the message has the reason and what to do. */
public final class StartupException extends Exception {
  private static final long serialVersionUID = 1L;

  public StartupException(String message) {
    this(message, null);
  }

  public StartupException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
