package io.walstrata.ingest.cli;

import org.jspecify.annotations.Nullable;

/** Ends a command with a message for the user and an exit status, without a stack trace. */
public final class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitStatus;

  /**
   * @param exitStatus one of {@link ExitStatus}
   * @param message what failed, the facts, and what to do
   */
  public CommandFailedException(int exitStatus, String message) {
    this(exitStatus, message, null);
  }

  /**
   * @param cause shown with {@code WALSTRATA_STACKTRACE=true} only
   */
  public CommandFailedException(int exitStatus, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitStatus = exitStatus;
  }

  public int exitStatus() {
    return exitStatus;
  }
}
