package io.walstrata.layerstore.streams.internal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How often in a row the stores of each partition were told to forget their offsets, with no record
 * in between. Shared by all stores of one builder: after a corrupted task Kafka Streams goes on
 * with the same object or with a new one, as it happens.
 */
final class ForgottenOffsets {
  private final Map<Integer, Integer> times = new ConcurrentHashMap<>();

  void add(int partition) {
    times.merge(partition, 1, Integer::sum);
  }

  int times(int partition) {
    return times.getOrDefault(partition, 0);
  }

  void clear(int partition) {
    times.remove(partition);
  }
}
