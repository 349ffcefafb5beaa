package io.walstrata.layerstore.streams;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.errors.StreamsException;

/**
 * Thrown where continuing would leave a gap in history that no read could notice: the topic does
 * not have the records that come after the layers, or it is not the topic that the layers were made
 * from, or layers are damaged and are not rebuilt. The message states where, which offsets are
 * missing, and what to do.
 */
public final class HistoryGapException extends StreamsException {
  private static final long serialVersionUID = 1L;

  HistoryGapException(String message) {
    super(message);
  }

  /**
   * Returns the exception for a topic whose first offset is greater than the next one needed, as
   * after retention has deleted records.
   */
  static HistoryGapException lost(
      String topic, int partition, long coveredOffset, long firstOffset) {
    return new HistoryGapException(
        lost(new TopicPartition(topic, partition), coveredOffset, firstOffset, ""));
  }

  static String lost(TopicPartition partition, long coveredOffset, long firstOffset, String more) {
    return "the topic no longer has records that the layers lack, history would have a hole. Bring"
        + " the records back, or move the layers of this partition away to start again where the"
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
    return "the topic ends below what was read from it, so it was deleted and created again or has"
        + " lost records at its end. Bring the topic back, or move the layers of this partition"
        + " away to start again: "
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
