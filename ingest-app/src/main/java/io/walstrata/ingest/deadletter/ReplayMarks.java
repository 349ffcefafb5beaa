package io.walstrata.ingest.deadletter;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * The letters of a dead-letter topic that were sent again: a bit for each offset of a partition up
 * to the last such letter. For one thread.
 */
final class ReplayMarks {
  private final Map<Integer, Long> starts = new HashMap<>();
  private final Map<Integer, BitSet> marks = new HashMap<>();

  /**
   * @param starts the first offset of each partition; letters before it are deleted
   */
  ReplayMarks(Map<TopicPartition, Long> starts) {
    starts.forEach((partition, start) -> this.starts.put(partition.partition(), start));
  }

  /** Marks a letter; one that is deleted, or in a partition that does not exist, needs no mark. */
  void add(DeadLetter.Position letter) {
    Long start = starts.get(letter.partition());
    if (start != null && letter.offset() >= start) {
      marks
          .computeIfAbsent(letter.partition(), any -> new BitSet())
          .set(index(letter.offset() - start));
    }
  }

  boolean contains(DeadLetter.Position letter) {
    BitSet ofPartition = marks.get(letter.partition());
    Long start = starts.get(letter.partition());
    return ofPartition != null
        && start != null
        && letter.offset() >= start
        && ofPartition.get(index(letter.offset() - start));
  }

  private static int index(long distance) {
    if (distance >= Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "too many records in a partition of the dead-letter topic, delete old ones: records="
              + distance);
    }
    return (int) distance;
  }
}
