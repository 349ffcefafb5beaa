package io.walstrata.postgres.rmgr;

/**
 * A record that redo does not know: of an extension, or of a kind that does not change such a page.
 * It has no stack trace, as it is an answer and not a fault of the program.
 */
public final class RedoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * @param reason what is wrong, with facts as {@code name=value}
   */
  public RedoException(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  /** Returns what is wrong. */
  public String reason() {
    return reason;
  }
}
