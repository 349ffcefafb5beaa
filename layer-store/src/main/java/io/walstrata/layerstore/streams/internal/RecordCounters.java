package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.IngestCounters;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Holds the counters of one store: written by its thread, read by any. */
final class RecordCounters {
  final LongAdder records = new LongAdder();
  final LongAdder bytes = new LongAdder();
  final LongAdder restoredRecords = new LongAdder();
  final LongAdder restoredBytes = new LongAdder();
  final LongAdder skippedRecords = new LongAdder();
  final LongAdder badRecords = new LongAdder();
  final LongAdder lateRecords = new LongAdder();
  final LongAdder versions = new LongAdder();
  final LongAdder duplicates = new LongAdder();
  final LongAdder lateVersions = new LongAdder();
  final LongAdder tombstones = new LongAdder();
  final LongAdder freezePoints = new LongAdder();

  private final Map<BadRecordReason, LongAdder> badByReason = new ConcurrentHashMap<>();

  void bad(BadRecordReason reason) {
    badByReason.computeIfAbsent(reason, r -> new LongAdder()).increment();
  }

  private Map<BadRecordReason, Long> badByReason() {
    Map<BadRecordReason, Long> sums = new EnumMap<>(BadRecordReason.class);
    badByReason.forEach((reason, count) -> sums.put(reason, count.sum()));
    return sums;
  }

  IngestCounters counters() {
    return new IngestCounters(
        records.sum(),
        bytes.sum(),
        restoredRecords.sum(),
        restoredBytes.sum(),
        skippedRecords.sum(),
        badRecords.sum(),
        lateRecords.sum(),
        badByReason(),
        versions.sum(),
        duplicates.sum(),
        lateVersions.sum(),
        tombstones.sum(),
        freezePoints.sum());
  }
}
