package io.walstrata.layerstore.redo;

import java.io.IOException;

/**
 * Makes a page from the versions that a read found. Thread-safe: many reads use one at a time, each
 * for its own page.
 */
public interface PageRedo {
  /**
   * Replays the versions and returns the page, or why there is none. What the versions contain
   * never leads to an exception, to an endless loop or to an approximate page: what cannot be
   * replayed is {@link RedoResult.Refused}.
   *
   * <p>A page follows from the versions in the request and from what the source returned. If that
   * was at or below the LSN of the newest version, and redo assumed nothing, the store may keep the
   * page and pass it as the base of the next request; it does not keep a page for which the source
   * was read above that LSN.
   *
   * @param request what to replay; its arrays are not written to
   * @throws IOException only from {@link RedoRequest#source}
   */
  RedoResult redo(RedoRequest request) throws IOException;
}
