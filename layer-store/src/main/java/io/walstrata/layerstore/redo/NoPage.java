package io.walstrata.layerstore.redo;

import io.walstrata.layerstore.page.Lsn;

/** Answers for requests without any version, for redos that know a page from its versions alone. */
final class NoPage {
  private NoPage() {}

  /** Returns why a page of which there is no version is not there. */
  static RedoResult of(RedoRequest request) {
    Lsn droppedAt = request.droppedAt();
    if (droppedAt != null) {
      return new RedoResult.Absent(
          "the page was dropped: key=" + request.key().describe() + ", droppedAt=" + droppedAt);
    }
    return new RedoResult.Refused(
        request.key(),
        Lsn.INVALID,
        RedoResult.Reason.BEFORE_HISTORY,
        "the page has no version at or before this LSN: asOf=" + request.asOf());
  }
}
