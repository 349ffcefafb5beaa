package io.walstrata.layerstore.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;

/** Reads pages of the timeline that a page is being made for. */
public interface PageSource {
  /**
   * Returns a page as of an LSN.
   *
   * @param asOf at most the LSN of the request that this source came with
   * @throws IOException if a file cannot be read or is damaged
   */
  RedoResult page(PageKey key, Lsn asOf) throws IOException;
}
