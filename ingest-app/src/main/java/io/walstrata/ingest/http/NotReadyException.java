package io.walstrata.ingest.http;

import org.jspecify.annotations.Nullable;

/** A partition cannot be asked at the moment: it is starting, restoring or moving. */
public final class NotReadyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NotReadyException(String message) {
    this(message, null);
  }

  public NotReadyException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
