package io.walstrata.ingest.http;

import io.walstrata.layerstore.page.PageKey;

/** Writes the checksum into pages that have a place for one. Called by many threads at once. */
@FunctionalInterface
public interface PageChecksums {
  /** Leaves pages as they are. */
  PageChecksums NONE = (key, page, isComputed) -> {};

  /**
   * Writes a page's checksum.
   *
   * @param page written to
   * @param isComputed whether the checksum is computed; otherwise its field is cleared
   */
  void write(PageKey key, byte[] page, boolean isComputed);
}
