package io.walstrata.ingest.http;

/** Ends a request with an error answer. Made by {@link Errors} only. */
final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Answers.Failure answer;

  ApiException(Answers.Failure answer) {
    super(answer.message());
    this.answer = answer;
  }

  Answers.Failure answer() {
    return answer;
  }
}
