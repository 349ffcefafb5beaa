package io.walstrata.layerstore.streams.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Counts the records that one consumer has returned and no store has ingested, by partition. For
 * one thread.
 */
final class InHand {
  /*
   * Counted by poll, not by record: a poll's records of a partition count until the last one is
   * ingested. The offset of the store shows that, so there is no cost per record. Records without
   * key count, but are not waited for: Kafka Streams never passes them to a store that restores.
   */

  private record Chunk(long lastOffset, long bytes) {}

  private final Map<TopicPartition, Deque<Chunk>> chunks = new HashMap<>();
  private long bytes;

  /** Adds the records that a poll returned for a partition. */
  void add(TopicPartition partition, List<ConsumerRecord<byte[], byte[]>> records) {
    long last = -1;
    long sum = 0;
    for (ConsumerRecord<byte[], byte[]> record : records) {
      sum += PollMeter.bytes(record);
      if (record.key() != null) {
        last = record.offset();
      }
    }
    if (last >= 0) {
      chunks.computeIfAbsent(partition, p -> new ArrayDeque<>()).addLast(new Chunk(last, sum));
      bytes += sum;
    }
  }

  /**
   * Removes the records that were ingested.
   *
   * @param taken returns the last offset that the store of a partition has ingested
   */
  void settle(ToLongFunction<TopicPartition> taken) {
    Iterator<Map.Entry<TopicPartition, Deque<Chunk>>> each = chunks.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<TopicPartition, Deque<Chunk>> entry = each.next();
      long offset = taken.applyAsLong(entry.getKey());
      Deque<Chunk> left = entry.getValue();
      while (!left.isEmpty() && left.getFirst().lastOffset() <= offset) {
        bytes -= left.removeFirst().bytes();
      }
      if (left.isEmpty()) {
        each.remove();
      }
    }
  }

  /** Removes all records of a partition, which is read from another offset, or no longer. */
  void forget(TopicPartition partition) {
    Deque<Chunk> left = chunks.remove(partition);
    if (left != null) {
      left.forEach(chunk -> bytes -= chunk.bytes());
    }
  }

  boolean has(TopicPartition partition) {
    return chunks.containsKey(partition);
  }

  /** Returns the bytes of all these records. */
  long bytes() {
    return bytes;
  }

  /** Returns the partitions that have any. */
  List<TopicPartition> partitions() {
    return List.copyOf(chunks.keySet());
  }
}
