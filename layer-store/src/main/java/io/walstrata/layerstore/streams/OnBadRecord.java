package io.walstrata.layerstore.streams;

/** What to do with a bad record. None is ever dropped without notice. */
public enum OnBadRecord {
  /**
   * Sends it to the dead-letter topic with the reason, and continues. Of a message with late
   * versions the others are ingested; any other bad message is refused whole.
   */
  DEAD_LETTER,
  /** Stops the stream before it, with topic, partition, offset and reason in the error. */
  FAIL
}
