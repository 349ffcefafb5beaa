package io.walstrata.layerstore.streams;

import org.apache.kafka.streams.errors.StreamsException;

/**
 * The topic does not hold the records that come after the layers: going on would leave a hole in
 * history that no read could see. The message has both offsets and what can be done.
 */
public final class HistoryGapException extends StreamsException {
  private static final long serialVersionUID = 1L;

  private HistoryGapException(String message) {
    super(message);
  }

  /** The topic's first record lies behind the next one needed: retention ran ahead. */
  static HistoryGapException lost(
      String topic, int partition, long coveredOffset, long firstOffset) {
    return new HistoryGapException(
        "the topic has lost records that no layer covers: topic="
            + topic
            + ", partition="
            + partition
            + ", lastCoveredOffset="
            + coveredOffset
            + ", firstOffsetInTopic="
            + firstOffset
            + "; restore the records, or move the layers of this partition away to start anew");
  }
}
