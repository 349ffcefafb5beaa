package io.walstrata.ingest.http;

/**
 * How a read over HTTP ended.
 *
 * @param code {@code ok}, {@code not_modified}, or an error's code, which another instance may know
 *     and this one not
 */
public record ReadOutcome(String code) {
  public static final ReadOutcome OK = new ReadOutcome("ok");

  /** The client has the answer already. */
  public static final ReadOutcome NOT_MODIFIED = new ReadOutcome("not_modified");

  public static ReadOutcome of(Errors.Code code) {
    return new ReadOutcome(code.text());
  }

  static ReadOutcome of(Answers.Failure failure) {
    return new ReadOutcome(failure.code());
  }
}
