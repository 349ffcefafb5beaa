package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnknownTimelineException;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.streams.BadRecordException;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.WalDecoder;
import java.io.IOException;
import java.util.List;

/**
 * Determines from the layers the verdict on a record that was ingested before a restart: a version
 * that was late then is in no layer now.
 */
final class SkippedRecordReview {
  private final LayerStore store;
  private final int maxTimelines;

  SkippedRecordReview(LayerStore store, int maxTimelines) {
    this.store = store;
    this.maxTimelines = maxTimelines;
  }

  Verdict review(RawRecord record, WalOperations operations, WalDecoder decoder)
      throws IOException {
    List<WalOperations.Operation> decoded;
    try {
      decoded = operations.decode(decoder, record);
    } catch (BadRecordException e) {
      return Verdict.bad(record.offset(), e.reason(), String.valueOf(e.getMessage()));
    }
    // The timeline of an ingested version is known to the store, which never removes one.
    for (TimelineId timeline : WalOperations.timelines(decoded)) {
      if (!store.hasTimeline(timeline)) {
        return Verdict.tooManyTimelines(record.offset(), timeline, maxTimelines);
      }
    }
    LateEntries late = new LateEntries();
    for (WalOperations.Operation operation : decoded) {
      review(operation, late);
    }
    return late.isEmpty()
        ? Verdict.taken(record.offset())
        : Verdict.bad(record.offset(), BadRecordReason.LATE, late.message());
  }

  private void review(WalOperations.Operation operation, LateEntries late) throws IOException {
    if (operation instanceof WalOperations.Batch batch) {
      ValueBatch values = batch.batch();
      for (int entry = 0; entry < values.size(); entry++) {
        if (!contains(values.timeline(), values.key(entry), values.lsn(entry))) {
          late.add(values, entry);
        }
      }
    } else if (operation instanceof WalOperations.One one) {
      if (!contains(one.timeline(), one.key(), one.lsn())) {
        late.add(one);
      }
    } else if (operation instanceof WalOperations.Tombstone tombstone
        && !isDropped(tombstone.timeline(), tombstone.keys().startKey(), tombstone.lsn())) {
      late.add(tombstone);
    }
  }

  /** Returns whether a layer has this version, or a tombstone at the same LSN, which hides it. */
  private boolean contains(TimelineId timeline, PageKey key, Lsn lsn) throws IOException {
    try {
      ReconstructData data = store.get(timeline, key, lsn);
      List<Version> records = data.records();
      Version newest = records.isEmpty() ? data.base() : records.get(records.size() - 1);
      return (newest != null && newest.lsn().equals(lsn)) || lsn.equals(data.droppedAt());
    } catch (UnknownTimelineException | LsnNotReachedException e) {
      return false;
    }
  }

  private boolean isDropped(TimelineId timeline, PageKey key, Lsn lsn) throws IOException {
    try {
      return lsn.equals(store.get(timeline, key, lsn).droppedAt());
    } catch (UnknownTimelineException | LsnNotReachedException e) {
      return false;
    }
  }
}
