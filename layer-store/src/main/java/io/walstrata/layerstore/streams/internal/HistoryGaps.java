package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.streams.HistoryGapException;
import org.apache.kafka.common.TopicPartition;

/** Messages of {@link HistoryGapException} that several classes throw. */
public final class HistoryGaps {
  private HistoryGaps() {}

  /** Returns that the first record of a topic is after the next one needed. */
  public static String lost(
      TopicPartition partition, long coveredOffset, long firstOffset, String more) {
    return "the topic no longer has records that no layer covers, history would have a gap. Bring"
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

  /** Returns that a topic ends before what was read from it. */
  public static String ended(
      TopicPartition partition, long neededOffset, long endOffset, String more) {
    return "the topic ends below what was read from it, so it was deleted and created again or has lost"
        + " records at its end. Bring the topic back, or move the layers of this partition away to"
        + " start again: "
        + where(partition)
        + ", topicEndOffset="
        + endOffset
        + ", neededOffset="
        + neededOffset
        + more;
  }

  /** Returns the topic and the partition as facts of a message. */
  public static String where(TopicPartition partition) {
    return "topic=" + partition.topic() + ", partition=" + partition.partition();
  }
}
