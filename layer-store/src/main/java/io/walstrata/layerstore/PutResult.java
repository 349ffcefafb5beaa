package io.walstrata.layerstore;

/** The outcome of putting one version or tombstone. */
public enum PutResult {
  /** It is in the open layer. */
  ADDED,
  /** A layer has this (key, LSN), or this tombstone, already; nothing is changed. */
  DUPLICATE,
  /** Its LSN is below the timeline's last one, and no layer has it; nothing is changed. */
  LATE
}
