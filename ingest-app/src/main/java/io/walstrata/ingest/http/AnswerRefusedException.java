package io.walstrata.ingest.http;

import io.walstrata.layerstore.ReadLimitException;

/** The answer budget has no room for an answer. Made by {@link Errors} only. */
final class AnswerRefusedException extends ReadLimitException {
  private static final long serialVersionUID = 1L;

  private final transient Answers.Failure answer;

  AnswerRefusedException(Answers.Failure answer) {
    super(answer.message());
    this.answer = answer;
  }

  Answers.Failure answer() {
    return answer;
  }
}
