package io.walstrata.ingest.produce;

import org.jspecify.annotations.Nullable;

/** A producer cannot start or continue. The message has what failed, the facts, and what to do. */
public final class ProduceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the caller can do about it. */
  public enum Reason {
    /** The settings are wrong: nothing was tried. */
    SETTINGS,
    /** Kafka, the registry or PostgreSQL cannot be reached or refuses; trying again may help. */
    UNAVAILABLE,
    /** It fails again until something is changed. */
    FAILED
  }

  private final Reason reason;

  public ProduceException(Reason reason, String message) {
    this(reason, message, null);
  }

  public ProduceException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  static ProduceException settings(String message) {
    return new ProduceException(Reason.SETTINGS, message);
  }

  static ProduceException failed(String message) {
    return new ProduceException(Reason.FAILED, message);
  }

  static ProduceException unavailable(String message, @Nullable Throwable cause) {
    return new ProduceException(Reason.UNAVAILABLE, message, cause);
  }
}
