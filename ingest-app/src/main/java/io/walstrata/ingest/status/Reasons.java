package io.walstrata.ingest.status;

/** Finds the message of the cause in a chain of exceptions. */
public final class Reasons {
  private Reasons() {}

  /** Returns the message of the innermost cause, or its class if it has none. */
  public static String of(Throwable thrown) {
    Throwable innermost = thrown;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    String message = innermost.getMessage();
    return message == null ? innermost.toString() : message;
  }
}
