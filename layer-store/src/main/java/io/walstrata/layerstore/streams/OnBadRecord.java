package io.walstrata.layerstore.streams;

/** What happens when a record cannot be taken in. Nothing bad is ever dropped unseen. */
public enum OnBadRecord {
  /**
   * It goes to the dead-letter topic with its reason and the stream goes on. Of a message with late
   * versions the others are taken in; any other bad message is refused whole.
   */
  DEAD_LETTER,
  /** The stream stops in front of it, with topic, partition, offset and reason in the error. */
  FAIL
}
