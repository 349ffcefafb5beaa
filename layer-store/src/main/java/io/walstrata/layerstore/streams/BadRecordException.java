package io.walstrata.layerstore.streams;

import org.jspecify.annotations.Nullable;

/** A record that cannot be taken in, now or ever. The message says what is wrong with it. */
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
