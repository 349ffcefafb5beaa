package io.walstrata.layerstore;

/** What became of one version or tombstone that was put. */
public enum PutResult {
  /** It is in the open layer. */
  ADDED,
  /** A layer has this (key, LSN), or this tombstone, already; nothing changed; counted. */
  DUPLICATE,
  /** Its LSN lies below what the timeline has reached and no layer has it; nothing changed. */
  LATE
}
