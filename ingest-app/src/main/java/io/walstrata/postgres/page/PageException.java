package io.walstrata.postgres.page;

/**
 * A page that is not as an operation requires: a line pointer that it does not have, an item that
 * does not fit. It has no stack trace: it is the answer to damaged input, not a fault of the
 * program.
 */
public final class PageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * @param reason what is wrong, with facts as {@code name=value}
   */
  public PageException(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  /** Returns what is wrong. */
  public String reason() {
    return reason;
  }
}
