package io.walstrata.layerstore.redo;

import io.walstrata.layerstore.page.Lsn;

/** The results for a request without versions, of a redo that knows nothing beyond versions. */
final class NoPage {
  private NoPage() {}

  /** Returns why there is no page: it was dropped, or history begins after it. */
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
