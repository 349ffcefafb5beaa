package io.walstrata.layerstore;

/** What a read of a key range does with pages that were written and then covered by a tombstone. */
public enum DroppedPages {
  /** Skips them. */
  SKIP,
  /** Passes them to the visitor, with status {@link ReconstructData.Status#DROPPED}. */
  SHOW
}
