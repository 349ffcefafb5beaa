package io.walstrata.layerstore.streams;

import java.util.Map;

/**
 * Counts what a store has ingested since it was opened; restored and processed records both count.
 *
 * @param counts by counter; one that is absent is 0
 * @param badByReason how many were bad, whole or in part, for each reason that occurred
 */
public record IngestCounters(
    Map<IngestCounter, Long> counts, Map<BadRecordReason, Long> badByReason) {
  public IngestCounters {
    counts = Map.copyOf(counts);
    badByReason = Map.copyOf(badByReason);
  }

  /** Returns the value of a counter. */
  public long get(IngestCounter counter) {
    return counts.getOrDefault(counter, 0L);
  }
}
