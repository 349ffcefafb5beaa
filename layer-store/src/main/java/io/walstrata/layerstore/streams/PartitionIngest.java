package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.BatchResult;
import io.walstrata.layerstore.FreezeTracker;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.PutResult;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the records of one partition into its {@link LayerStore}: the one body behind processing
 * and restoring. One thread at a time, but {@link #ingestedOffset}, {@link #failure} and {@link
 * #counters} may be read by any.
 */
final class PartitionIngest {
  /*
   * What makes a replay give the same layers, byte by byte:
   *
   * - Nothing here knows whether a record is processed or restored, except whether a bad record
   *   stops the stream: what was passed once must not stop a restart.
   * - A record without key is refused before anything else looks at it, the freeze tracker
   *   included, because a restore never sees it (Kafka Streams skips it).
   * - Every other record is shown to the tracker, bad ones too: they are in the topic for both.
   * - The fence starts where the durable layers end, at the moment the home is claimed, and moves
   *   with each record: an offset is ingested once.
   *
   * After an error nothing more is taken in. A record that was half applied is harmless as long as
   * no freeze point covers it; the next life replays it.
   */

  private static final Logger LOG = LoggerFactory.getLogger(PartitionIngest.class);
  private static final long NONE = -1;

  private final LayerStore store;
  private final WalDecoder decoder;
  private final LayerStoresOptions options;
  private final Runnable onClaim;
  private final boolean isFromBeginning;
  private final WalOperations operations = new WalOperations();
  private final IngestTally tally = new IngestTally();

  private @Nullable FreezeTracker freezeTracker;
  private long fence = NONE;
  private long lastFreezePoint = NONE;
  private Verdict lastVerdict = Verdict.skipped(NONE);
  private volatile boolean isClaimed;
  private volatile long ingestedOffset;
  private volatile @Nullable RuntimeException failure;

  /**
   * @param onClaim called when the home has been claimed, before the first put
   * @param fromBeginning the records come from the topic's first one on although there are durable
   *     layers: the first must not lie behind what they cover
   */
  PartitionIngest(
      LayerStore store,
      WalDecoder decoder,
      LayerStoresOptions options,
      Runnable onClaim,
      boolean fromBeginning) {
    this.store = store;
    this.decoder = decoder;
    this.options = options;
    this.onClaim = onClaim;
    this.isFromBeginning = fromBeginning;
    this.ingestedOffset = store.durableOffset().orElse(NONE);
  }

  /**
   * Takes in a record that is being processed, and returns whether its offset is a freeze point.
   *
   * @throws BadRecordStopException if the record is bad and bad records stop the stream
   * @throws ProcessorStateException if the store cannot take it
   */
  boolean process(RawRecord record) {
    ingest(record, options.onBadRecord());
    return lastFreezePoint == record.offset();
  }

  /** Takes in a record that is being restored: the stream has passed it before. */
  void restore(RawRecord record) {
    ingest(record, OnBadRecord.DEAD_LETTER);
    tally.restoredRecords.increment();
    tally.restoredBytes.add(record.sizeBytes());
  }

  private void ingest(RawRecord record, OnBadRecord onBad) {
    RuntimeException before = failure;
    if (before != null) {
      throw new ProcessorStateException(
          "the store takes no more records after an error, " + record.place(), before);
    }
    try {
      lastVerdict = take(record, onBad);
    } catch (IOException e) {
      throw fail(
          new ProcessorStateException(
              "cannot ingest record: " + record.place() + ": " + e.getMessage(), e));
    } catch (RuntimeException e) {
      throw fail(e);
    }
  }

  private RuntimeException fail(RuntimeException e) {
    failure = e;
    return e;
  }

  private Verdict take(RawRecord record, OnBadRecord onBad) throws IOException {
    FreezeTracker tracker = freezeTracker == null ? claim(record) : freezeTracker;
    long offset = record.offset();
    tally.records.increment();
    tally.bytes.add(record.sizeBytes());
    if (offset <= fence) {
      tally.skippedRecords.increment();
      return Verdict.skipped(offset);
    }
    Verdict verdict = decodeAndApply(record);
    if (verdict.isBad() && onBad == OnBadRecord.FAIL) {
      throw new BadRecordStopException(record, verdict.badReason(), verdict.badMessage());
    }
    if (record.key() != null && tracker.add(offset, record.sizeBytes(), record.timestampMs())) {
      store.freeze(offset);
      lastFreezePoint = offset;
      tally.freezePoints.increment();
    }
    fence = offset;
    ingestedOffset = offset;
    return verdict;
  }

  /**
   * Takes ownership with the first record, not when the store is opened: Kafka Streams opens stores
   * of partitions that this instance does not have, only to ask for their offsets.
   */
  private FreezeTracker claim(RawRecord first) throws IOException {
    OptionalLong opened = store.durableOffset();
    store.claim(first.offset());
    OptionalLong claimed = store.durableOffset();
    if (claimed.orElse(NONE) < opened.orElse(NONE)) {
      throw new IOException(
          "durable layers went back since the store was opened, restart to replay from there:"
              + " opened="
              + opened.orElse(NONE)
              + ", claimed="
              + claimed.orElse(NONE));
    }
    if (isFromBeginning && claimed.isPresent() && first.offset() > claimed.getAsLong() + 1) {
      throw HistoryGapException.lost(
          first.topic(), first.partition(), claimed.getAsLong(), first.offset());
    }
    onClaim.run();
    if (opened.isEmpty() && first.offset() > 0) {
      LOG.warn(
          "history begins where the topic does, its older records are in no layer here: {}",
          first.place());
    }
    fence = claimed.orElse(NONE);
    ingestedOffset = fence;
    FreezeTracker tracker = options.freezePolicy().tracker(claimed);
    freezeTracker = tracker;
    isClaimed = true;
    return tracker;
  }

  private Verdict decodeAndApply(RawRecord record) throws IOException {
    List<WalOperations.Operation> decoded;
    try {
      decoded = operations.decode(decoder, record);
    } catch (BadRecordException e) {
      tally.badRecords.increment();
      tally.bad(e.reason());
      return Verdict.bad(record.offset(), e.reason(), String.valueOf(e.getMessage()));
    }
    LateEntries late = new LateEntries();
    for (WalOperations.Operation operation : decoded) {
      apply(record.offset(), operation, late);
    }
    if (late.isEmpty()) {
      return Verdict.taken(record.offset());
    }
    tally.lateRecords.increment();
    tally.bad(BadRecordReason.LATE);
    tally.lateVersions.add(late.size());
    return Verdict.bad(record.offset(), BadRecordReason.LATE, late.message());
  }

  private void apply(long offset, WalOperations.Operation operation, LateEntries late)
      throws IOException {
    if (operation instanceof WalOperations.Batch batch) {
      BatchResult result = store.put(offset, batch.batch());
      tally.versions.add(result.added());
      tally.replaced.add(result.replaced());
      tally.duplicates.add(result.duplicates());
      result.lateEntries().forEach(entry -> late.add(batch.batch(), entry));
    } else if (operation instanceof WalOperations.One one) {
      PutResult result = store.put(offset, one.timeline(), one.key(), one.lsn(), one.value());
      tally.versions.add(result == PutResult.ADDED ? 1 : 0);
      count(result, one, late);
    } else if (operation instanceof WalOperations.Drop drop) {
      PutResult result = store.drop(offset, drop.timeline(), drop.keys(), drop.lsn());
      tally.tombstones.add(result == PutResult.ADDED ? 1 : 0);
      count(result, drop, late);
    } else if (operation instanceof WalOperations.Progress progress) {
      store.advance(offset, progress.timeline(), progress.lsn());
    }
  }

  private void count(PutResult result, WalOperations.Operation operation, LateEntries late) {
    switch (result) {
      case ADDED -> {}
      case REPLACED -> tally.replaced.increment();
      case DUPLICATE -> tally.duplicates.increment();
      case LATE -> late.add(operation);
    }
  }

  /**
   * Returns what became of the record that was processed last.
   *
   * <p>A record at or below the fence was skipped without a look. If the stream hands it over once
   * more, its dead letter may never have been written: layers become durable on their own schedule,
   * and the producer's batch, or its transaction, died with the process. So it is looked at here,
   * without changing anything.
   *
   * @throws IllegalStateException if another record was processed last
   */
  Verdict verdict(RawRecord record) {
    Verdict verdict = lastVerdict;
    if (verdict.offset() != record.offset()) {
      throw new IllegalStateException(
          "the ingest processor must come before the dead-letter processor: lastIngested="
              + verdict.offset()
              + ", "
              + record.place());
    }
    if (verdict.status() != Verdict.Status.SKIPPED) {
      return verdict;
    }
    try {
      return new SkippedRecordReview(store).review(record, operations, decoder);
    } catch (IOException e) {
      throw new ProcessorStateException(
          "cannot look up a record that was ingested before: "
              + record.place()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** Returns whether the home is owned: a record has come. */
  boolean isClaimed() {
    return isClaimed;
  }

  /** Returns the last offset that reads see; empty if there is none. */
  OptionalLong ingestedOffset() {
    long offset = ingestedOffset;
    return offset == NONE ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  /** Returns what made the store stop taking records in; null when all is well. */
  @Nullable RuntimeException failure() {
    return failure;
  }

  IngestCounters counters() {
    return tally.counters();
  }
}
