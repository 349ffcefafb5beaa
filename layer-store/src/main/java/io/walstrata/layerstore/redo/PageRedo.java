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
   * <p>A page follows from the versions in the request, and from what the source returns at or
   * below the LSN of the newest of them. So the store may keep the page, and pass it as the base of
   * the next request, if redo assumed nothing. Whether there is a page at all may depend on more.
   *
   * @param request what to replay; its arrays are not written to
   * @throws IOException only from {@link RedoRequest#source}
   */
  RedoResult redo(RedoRequest request) throws IOException;
}
