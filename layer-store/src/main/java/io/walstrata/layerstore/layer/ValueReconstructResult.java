package io.walstrata.layerstore.layer;

/** What a layer's part in a read came to. */
public enum ValueReconstructResult {
  /** Nothing older counts: a base was met, or the tombstone that dropped the page. */
  COMPLETE,
  /** Older layers have to be asked. */
  CONTINUE
}
