package io.walstrata.postgres.backup;

/** A base backup cannot be used. The message has what failed, the facts, and what to do. */
public final class BackupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BackupException(String message) {
    super(message);
  }

  public BackupException(String message, Throwable cause) {
    super(message, cause);
  }
}
