package io.walstrata.layerstore;

/** What became of one version or tombstone that was put. */
public enum PutResult {
  /** It is in the open layer. */
  ADDED,
  /** The open layer had this (key, LSN) and holds the later value from here on; counted. */
  REPLACED,
  /** A frozen or delta layer has this (key, LSN) already; nothing changed; counted. */
  DUPLICATE,
  /** Its LSN lies below what the timeline has reached and no layer has it; nothing changed. */
  LATE
}
