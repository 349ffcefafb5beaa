package io.walstrata.layerstore.streams;

import java.util.concurrent.atomic.LongAdder;

/** The counters of one store: written by its thread, read by any. */
final class IngestTally {
  final LongAdder records = new LongAdder();
  final LongAdder skippedRecords = new LongAdder();
  final LongAdder badRecords = new LongAdder();
  final LongAdder lateRecords = new LongAdder();
  final LongAdder versions = new LongAdder();
  final LongAdder replaced = new LongAdder();
  final LongAdder duplicates = new LongAdder();
  final LongAdder lateVersions = new LongAdder();
  final LongAdder tombstones = new LongAdder();
  final LongAdder freezePoints = new LongAdder();

  IngestCounters counters() {
    return new IngestCounters(
        records.sum(),
        skippedRecords.sum(),
        badRecords.sum(),
        lateRecords.sum(),
        versions.sum(),
        replaced.sum(),
        duplicates.sum(),
        lateVersions.sum(),
        tombstones.sum(),
        freezePoints.sum());
  }
}
