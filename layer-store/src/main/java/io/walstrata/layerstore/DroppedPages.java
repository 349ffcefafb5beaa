package io.walstrata.layerstore;

/** What a read of a key range does with pages that were written, and then dropped. */
public enum DroppedPages {
  /** Passes them over. */
  SKIP,
  /** Hands them over, with status {@link ReconstructData.Status#DROPPED}. */
  SHOW
}
