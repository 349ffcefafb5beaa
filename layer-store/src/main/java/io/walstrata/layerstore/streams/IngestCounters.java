package io.walstrata.layerstore.streams;

import java.util.Map;

/**
 * Counts what a store has ingested since it was opened; restored and processed records both count.
 *
 * @param records records that were passed to the store
 * @param bytes of their keys and values
 * @param restoredRecords of them, those that were restored
 * @param restoredBytes of their keys and values
 * @param skippedRecords of them, those whose offset the store had ingested before
 * @param badRecords of them, those refused whole
 * @param lateRecords of them, those with at least one late version
 * @param badByReason how many were bad, whole or in part, for each reason that occurred
 * @param versions versions added
 * @param duplicates versions and tombstones that a layer had already
 * @param lateVersions versions and tombstones refused because they came too late
 * @param tombstones tombstones added
 * @param freezePoints freeze points set
 */
public record IngestCounters(
    long records,
    long bytes,
    long restoredRecords,
    long restoredBytes,
    long skippedRecords,
    long badRecords,
    long lateRecords,
    Map<BadRecordReason, Long> badByReason,
    long versions,
    long duplicates,
    long lateVersions,
    long tombstones,
    long freezePoints) {
  public IngestCounters {
    badByReason = Map.copyOf(badByReason);
  }
}
