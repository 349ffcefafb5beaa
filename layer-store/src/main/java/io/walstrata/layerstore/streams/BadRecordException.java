package io.walstrata.layerstore.streams;

import org.jspecify.annotations.Nullable;

/** Thrown for a record that can never be ingested; the message states why. */
public final class BadRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  private final BadRecordReason reason;

  public BadRecordException(BadRecordReason reason, String message) {
    this(reason, message, null);
  }

  public BadRecordException(BadRecordReason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public BadRecordReason reason() {
    return reason;
  }
}
