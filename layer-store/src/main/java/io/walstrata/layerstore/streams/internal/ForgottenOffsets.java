package io.walstrata.layerstore.streams.internal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts how often in a row the stores of each partition had to forget their offsets, with no
 * record in between. Shared by all stores of one builder: after a corrupted task Kafka Streams
 * continues either with the same object or with a new one.
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
