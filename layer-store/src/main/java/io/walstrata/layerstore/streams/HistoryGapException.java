package io.walstrata.layerstore.streams;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.errors.StreamsException;

/**
 * Going on would leave a hole in history that no read could see: the topic does not hold the
 * records that come after the layers, or it is not the topic that the layers were made from, or
 * layers are damaged and are not built anew. The message says where, which offsets are missing, and
 * what can be done.
 */
public final class HistoryGapException extends StreamsException {
  private static final long serialVersionUID = 1L;

  HistoryGapException(String message) {
    super(message);
  }

  /** The topic's first record lies behind the next one needed: retention ran ahead. */
  static HistoryGapException lost(
      String topic, int partition, long coveredOffset, long firstOffset) {
    return new HistoryGapException(
        lost(new TopicPartition(topic, partition), coveredOffset, firstOffset, ""));
  }

  static String lost(TopicPartition partition, long coveredOffset, long firstOffset, String more) {
    return "the topic no longer has records that the layers lack, history would have a hole. Bring"
        + " the records back, or move the layers of this partition away to start anew where the"
        + " topic does: "
        + where(partition)
        + ", missingOffsets="
        + (coveredOffset + 1)
        + ".."
        + (firstOffset - 1)
        + ", lastCoveredOffset="
        + coveredOffset
        + ", topicStartOffset="
        + firstOffset
        + more;
  }

  static String ended(TopicPartition partition, long neededOffset, long endOffset, String more) {
    return "the topic ends below what was read from it, so it was deleted and made anew or has lost"
        + " records at its end. Bring the topic back, or move the layers of this partition away to"
        + " start anew: "
        + where(partition)
        + ", topicEndOffset="
        + endOffset
        + ", neededOffset="
        + neededOffset
        + more;
  }

  static String where(TopicPartition partition) {
    return "topic=" + partition.topic() + ", partition=" + partition.partition();
  }
}
