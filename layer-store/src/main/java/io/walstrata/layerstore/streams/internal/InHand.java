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
 * The records that one consumer has returned and no store has taken in, by partition. For one
 * thread.
 */
final class InHand {
  /*
   * Kept by poll, not by record: a poll's records of a partition count until the last one is taken
   * in. That is told by the offset of the store, so the path of a record pays nothing. Records
   * without key count, but are not waited for: Kafka Streams never hands them to a store that
   * restores.
   */

  private record Chunk(long lastOffset, long bytes) {}

  private final Map<TopicPartition, Deque<Chunk>> chunks = new HashMap<>();
  private long bytes;

  /** Adds what a poll returned of a partition. */
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
   * Removes what was taken in.
   *
   * @param taken gives the last offset that the store of a partition has taken in
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

  /** Removes all of a partition: it is read from elsewhere, or not at all. */
  void forget(TopicPartition partition) {
    Deque<Chunk> left = chunks.remove(partition);
    if (left != null) {
      left.forEach(chunk -> bytes -= chunk.bytes());
    }
  }

  boolean has(TopicPartition partition) {
    return chunks.containsKey(partition);
  }

  /** Returns what all of them take. */
  long bytes() {
    return bytes;
  }

  /** Returns the partitions of which there are any. */
  List<TopicPartition> partitions() {
    return List.copyOf(chunks.keySet());
  }
}
