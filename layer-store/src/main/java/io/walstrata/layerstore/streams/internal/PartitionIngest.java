package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.BatchResult;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.PutResult;
import io.walstrata.layerstore.WriteStats;
import io.walstrata.layerstore.internal.IoRunnable;
import io.walstrata.layerstore.internal.file.DiskFailures;
import io.walstrata.layerstore.internal.memory.EphemeralFileException;
import io.walstrata.layerstore.internal.write.FreezeTracker;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.retry.Backoff;
import io.walstrata.layerstore.streams.BadRecordException;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.BadRecordStopException;
import io.walstrata.layerstore.streams.HistoryGapException;
import io.walstrata.layerstore.streams.IngestCounter;
import io.walstrata.layerstore.streams.IngestCounters;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import io.walstrata.layerstore.streams.OnBadRecord;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.layerstore.streams.WalDecoder;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ingests the records of one partition into its {@link LayerStore}, processed and restored ones
 * alike. One thread at a time, but {@link #ingestedOffset}, {@link #waiting}, {@link #inWork},
 * {@link #failure} and {@link #counters} may be read by any.
 */
final class PartitionIngest {
  /*
   * A replay gives the same layers, byte for byte, because:
   *
   * - Nothing here knows whether a record is processed or restored, except whether a bad record
   *   stops the stream: one that the stream has continued after must not stop a restart.
   * - A record without key is refused before anything else looks at it, the freeze tracker
   *   included, because a restore never sees it (Kafka Streams skips it).
   * - Every other record is passed to the tracker, bad ones too: processing and restoring both read
   *   them.
   * - The fence is the last offset of the durable layers when the home is claimed, and then that of
   *   each record: an offset is ingested once.
   *
   * A freeze point that is not the policy's is between two records, too, and the tracker continues
   * from it as it would after a restart. So where the policy counts offsets, layers begin and end
   * where they would have from the next multiple on.
   *
   * Memory: layers of a partition may be frozen early by the thread of another one, so a thread
   * that applies a record or freezes holds `recordLock`. Decoding is done without it, as it may
   * wait for a registry, and so is waiting for memory.
   *
   * A full disk under the ephemeral file is waited for in the middle of a record, so that no part
   * of it is applied twice; one under the home, when it is claimed. After any other error nothing
   * more is ingested. A record that was half applied is harmless as long as no freeze point covers
   * it: it is replayed when the store is opened again.
   */

  private static final long NONE = -1;
  private static final Backoff BACKOFF =
      Backoff.doubling(Duration.ofMillis(50), Duration.ofSeconds(5));
  private static final Logger LOG = LoggerFactory.getLogger(PartitionIngest.class);

  private final LayerStore store;
  private final WalDecoder decoder;
  private final StateStoreOptions options;
  private final LongSupplier nanoClock;
  private final IoRunnable onClaim;
  private final boolean isFromBeginning;
  private final WalOperations operations = new WalOperations();
  private final RecordCounters tally = new RecordCounters();

  private final ReentrantLock recordLock = new ReentrantLock();
  private @Nullable FreezeTracker freezeTracker; // guarded by recordLock
  private volatile long fence = NONE; // changed under recordLock
  private long lastFreezePoint = NONE;
  private Verdict lastVerdict = Verdict.skipped(NONE);
  private volatile @Nullable LayerWriter writer; // null until the home is claimed
  private volatile long ingestedOffset;
  private volatile @Nullable IOException waiting;
  private volatile @Nullable RuntimeException failure;
  private volatile @Nullable Work work;

  /** A record that is being ingested, and since when, as the clock reads. */
  private record Work(long offset, long sinceNanos) {}

  /**
   * @param onClaim called when the home has been claimed, before the first put
   * @param fromBeginning whether the records come from the topic's first one on although there are
   *     durable layers: the first record's offset must be at most the one after the last that they
   *     cover
   */
  PartitionIngest(
      LayerStore store,
      WalDecoder decoder,
      StateStoreOptions options,
      IoRunnable onClaim,
      boolean fromBeginning) {
    this.store = store;
    this.decoder = decoder;
    this.options = options;
    this.nanoClock = options.resources().nanoClock();
    this.onClaim = onClaim;
    this.isFromBeginning = fromBeginning;
    this.ingestedOffset = store.durableOffset().orElse(NONE);
  }

  /**
   * Ingests a record that is being processed, and returns whether its offset is a freeze point.
   *
   * @throws BadRecordStopException if the record is bad and bad records stop the stream
   * @throws ProcessorStateException if the store cannot ingest it
   */
  boolean process(RawRecord record) {
    ingest(record, options.onBadRecord());
    return lastFreezePoint == record.offset();
  }

  /** Ingests a record that is being restored, which the stream has processed before. */
  void restore(RawRecord record) {
    ingest(record, OnBadRecord.DEAD_LETTER);
    tally.increment(IngestCounter.RESTORED_RECORDS);
    tally.add(IngestCounter.RESTORED_BYTES, record.sizeBytes());
  }

  private void ingest(RawRecord record, OnBadRecord onBad) {
    RuntimeException before = failure;
    if (before != null) {
      throw new ProcessorStateException(
          "the store takes no more records after an error, " + record.location(), before);
    }
    work = new Work(record.offset(), nanoClock.getAsLong());
    try {
      lastVerdict = take(record, onBad);
    } catch (IOException e) {
      throw fail(
          new ProcessorStateException(
              "cannot ingest record: " + record.location() + ": " + e.getMessage(), e));
    } catch (RuntimeException e) {
      throw fail(e);
    } finally {
      work = null;
    }
  }

  private RuntimeException fail(RuntimeException e) {
    failure = e;
    return e;
  }

  private Verdict take(RawRecord next, OnBadRecord onBad) throws IOException {
    LayerWriter owner = writer;
    if (owner == null) {
      owner = claim(next);
    }
    long offset = next.offset();
    tally.increment(IngestCounter.RECORDS);
    tally.add(IngestCounter.BYTES, next.sizeBytes());
    if (offset <= fence) {
      tally.increment(IngestCounter.SKIPPED_RECORDS);
      return Verdict.skipped(offset);
    }
    Decoded decoded = decode(next);
    Verdict verdict;
    recordLock.lock();
    try {
      verdict = apply(owner, next, decoded, onBad);
    } finally {
      recordLock.unlock();
    }
    owner.settleMemory();
    return verdict;
  }

  private Verdict apply(LayerWriter owner, RawRecord next, Decoded decoded, OnBadRecord onBad)
      throws IOException {
    long offset = next.offset();
    Verdict verdict =
        decoded.bad == null ? applyIfRoom(owner, offset, decoded.operations) : decoded.bad;
    if (verdict.isBad() && onBad == OnBadRecord.FAIL) {
      throw new BadRecordStopException(next, verdict.badReason(), verdict.badMessage());
    }
    if (next.key() != null && tracker().add(offset, next.sizeBytes(), next.timestampMs())) {
      owner.freeze(offset);
      lastFreezePoint = offset;
      tally.increment(IngestCounter.FREEZE_POINTS);
    }
    fence = offset;
    ingestedOffset = offset;
    return verdict;
  }

  private FreezeTracker tracker() {
    FreezeTracker tracker = freezeTracker;
    if (tracker == null) {
      throw new IllegalStateException("no freeze tracker yet, the home must be claimed first");
    }
    return tracker;
  }

  /**
   * Freezes the open layers, between two records, if that can be done without waiting; returns
   * whether it has.
   */
  boolean freezeEarly(FreezeReason reason) {
    if (!recordLock.tryLock()) {
      return false;
    }
    try {
      LayerWriter owner = writer;
      if (owner == null || failure != null || !owner.tryFreeze(fence, reason)) {
        return false;
      }
      freezeTracker = new FreezeTracker(options.freezePolicy(), OptionalLong.of(fence));
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.debug(
          "cannot freeze early, the next record will fail for the same cause: reason={}",
          reason,
          e);
      return false;
    } finally {
      recordLock.unlock();
    }
  }

  /**
   * Checks that the layers can still be written: a partition that gets no records would not notice
   * that its store has failed.
   *
   * @throws ProcessorStateException if they cannot until a restart
   */
  void check() {
    LayerWriter owner = writer;
    if (owner == null || failure != null) {
      return;
    }
    try {
      owner.awaitFlushed(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw fail(
          new ProcessorStateException(
              "layers can no longer be written: error=" + e.getMessage(), e));
    }
  }

  /**
   * Claims the home, at the first record and not when the store is opened: Kafka Streams opens
   * stores of partitions that this instance does not have, only to ask for their offsets.
   */
  private LayerWriter claim(RawRecord first) throws IOException {
    OptionalLong opened = store.durableOffset();
    long firstOffset = first.offset();
    waitingForDisk(firstOffset, () -> store.claim(firstOffset), DiskFailures::mayPass);
    final LayerWriter owner = store.claim(firstOffset); // the one that was waited for
    OptionalLong claimed = store.durableOffset();
    if (claimed.orElse(NONE) < opened.orElse(NONE)) {
      throw new IOException(
          "the durable offset has decreased since the store was opened, restart to replay from"
              + " there:"
              + " opened="
              + opened.orElse(NONE)
              + ", claimed="
              + claimed.orElse(NONE));
    }
    if (isFromBeginning && claimed.isPresent() && first.offset() > claimed.getAsLong() + 1) {
      TopicPartition partition = new TopicPartition(first.topic(), first.partition());
      throw new HistoryGapException(
          HistoryGaps.lost(partition, claimed.getAsLong(), first.offset(), /* more= */ ""));
    }
    waitingForDisk(first.offset(), onClaim, e -> !DiskFailures.isMistake(e));
    if (opened.isEmpty() && first.offset() > 0) {
      LOG.warn(
          "history begins at the topic's first record, no layer here has older ones: {}",
          first.location());
    }
    recordLock.lock();
    try {
      fence = claimed.orElse(NONE);
      ingestedOffset = fence;
      freezeTracker = new FreezeTracker(options.freezePolicy(), claimed);
      writer = owner;
    } finally {
      recordLock.unlock();
    }
    owner.onMemoryPressure(() -> freezeEarly(FreezeReason.MEMORY));
    return owner;
  }

  /** A record's operations, or the verdict on a bad one. */
  private record Decoded(List<WalOperations.Operation> operations, @Nullable Verdict bad) {}

  private Decoded decode(RawRecord next) {
    try {
      return new Decoded(operations.decode(decoder, next), null);
    } catch (BadRecordException e) {
      tally.increment(IngestCounter.BAD_RECORDS);
      tally.bad(e.reason());
      String message = String.valueOf(e.getMessage());
      return new Decoded(List.of(), Verdict.bad(next.offset(), e.reason(), message));
    }
  }

  /** Applies all operations or, if a new timeline is one too many, none. */
  private Verdict applyIfRoom(LayerWriter owner, long offset, List<WalOperations.Operation> decoded)
      throws IOException {
    Optional<TimelineId> refused = owner.refusedTimeline(WalOperations.timelines(decoded));
    if (refused.isEmpty()) {
      return apply(owner, offset, decoded);
    }
    tally.increment(IngestCounter.BAD_RECORDS);
    tally.bad(BadRecordReason.TOO_MANY_TIMELINES);
    return Verdict.tooManyTimelines(offset, refused.get(), options.engine().maxTimelines());
  }

  private Verdict apply(LayerWriter owner, long offset, List<WalOperations.Operation> decoded)
      throws IOException {
    LateEntries late = new LateEntries();
    for (WalOperations.Operation operation : decoded) {
      // In one call, however long there is no room for the values.
      waitingForDisk(
          offset,
          () -> apply(owner, offset, operation, late),
          EphemeralFileException.class::isInstance);
    }
    if (late.isEmpty()) {
      return Verdict.taken(offset);
    }
    tally.increment(IngestCounter.LATE_RECORDS);
    tally.bad(BadRecordReason.LATE);
    tally.add(IngestCounter.LATE_VERSIONS, late.size());
    return Verdict.bad(offset, BadRecordReason.LATE, late.message());
  }

  /**
   * Retries an operation until the disk can be written.
   *
   * @param isPassing returns whether a failure may end by itself; any other one is thrown
   */
  private void waitingForDisk(long offset, IoRunnable work, Predicate<IOException> isPassing)
      throws IOException {
    try {
      retrying(offset, work, isPassing);
    } finally {
      if (waiting != null) {
        waiting = null; // whatever the outcome
      }
    }
  }

  private void retrying(long offset, IoRunnable work, Predicate<IOException> isPassing)
      throws IOException {
    Backoff.Attempts attempts = null; // made by the first failure, as this is done for each record
    while (true) {
      try {
        work.run();
        if (waiting != null) {
          LOG.info("the disk can be written again: offset={}", offset);
        }
        return;
      } catch (IOException e) {
        if (!isPassing.test(e)) {
          throw e;
        }
        waiting = e;
        attempts = attempts == null ? BACKOFF.start() : attempts;
        Duration pause = attempts.nextPause().orElseThrow();
        LOG.warn(
            "the disk cannot be written, retrying: offset={}, retryMs={}",
            offset,
            pause.toMillis(),
            e);
        sleep(pause);
      }
    }
  }

  private static void sleep(Duration pause) throws InterruptedIOException {
    try {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while the disk cannot be written");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private void apply(
      LayerWriter owner, long offset, WalOperations.Operation operation, LateEntries late)
      throws IOException {
    if (operation instanceof WalOperations.Batch batch) {
      BatchResult result = owner.putAll(offset, batch.batch());
      tally.add(IngestCounter.VERSIONS, result.added());
      tally.add(IngestCounter.DUPLICATES, result.duplicates());
      result.lateEntries().forEach(entry -> late.add(batch.batch(), entry));
    } else if (operation instanceof WalOperations.One one) {
      PutResult result = owner.put(offset, one.timeline(), one.key(), one.lsn(), one.value());
      tally.add(IngestCounter.VERSIONS, result == PutResult.ADDED ? 1 : 0);
      count(result, one, late);
    } else if (operation instanceof WalOperations.Tombstone tombstone) {
      PutResult result =
          owner.tombstone(offset, tombstone.timeline(), tombstone.keys(), tombstone.lsn());
      tally.add(IngestCounter.TOMBSTONES, result == PutResult.ADDED ? 1 : 0);
      count(result, tombstone, late);
    } else if (operation instanceof WalOperations.Progress progress) {
      owner.progress(offset, progress.timeline(), progress.lsn());
    }
  }

  private void count(PutResult result, WalOperations.Operation operation, LateEntries late) {
    switch (result) {
      case ADDED -> {}
      case DUPLICATE -> tally.increment(IngestCounter.DUPLICATES);
      case LATE -> late.add(operation);
    }
  }

  /**
   * Returns the verdict on the record that was processed last.
   *
   * <p>A record at or below the fence was skipped without being decoded. If the stream passes it a
   * second time, its dead letter may never have been written: layers become durable on their own
   * schedule, and the producer's batch, or its transaction, was lost with the process. So it is
   * decoded here and compared with the layers, without changing anything.
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
              + record.location());
    }
    if (verdict.status() != Verdict.Status.SKIPPED) {
      return verdict;
    }
    try {
      int maxTimelines = options.engine().maxTimelines();
      return new SkippedRecordReview(store, maxTimelines).review(record, operations, decoder);
    } catch (IOException e) {
      throw new ProcessorStateException(
          "cannot look up a record that was ingested before: "
              + record.location()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** Returns whether the home is owned, as it is once a record has come. */
  boolean isClaimed() {
    return writer != null;
  }

  /** Waits until all freeze points set so far are durable; for tests. */
  void awaitFlushed() throws IOException, InterruptedException {
    LayerWriter owner = writer;
    if (owner != null) {
      owner.awaitFlushed();
    }
  }

  /** Returns why frozen layers cannot be written at the moment; empty if they can. */
  Optional<IOException> flushFailure() {
    LayerWriter owner = writer;
    return owner == null ? Optional.empty() : owner.flushFailure();
  }

  /** Returns what is not durable yet, and the cost of writing layers so far. */
  WriteStats writeStats() {
    LayerWriter owner = writer;
    return owner == null ? WriteStats.NONE : owner.writeStats();
  }

  /** Returns the last offset that reads see; empty if there is none. */
  OptionalLong ingestedOffset() {
    long offset = ingestedOffset;
    return offset == NONE ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  /** Returns why a record cannot be ingested at the moment; null if it can. */
  @Nullable IOException waiting() {
    return waiting;
  }

  /** Returns the record that is being ingested, and for how long already; empty between records. */
  Optional<LayerStoreStatus.InWork> inWork() {
    Work current = work;
    return current == null
        ? Optional.empty()
        : Optional.of(
            new LayerStoreStatus.InWork(
                current.offset(), Math.max(0, nanoClock.getAsLong() - current.sinceNanos())));
  }

  /** Returns the error after which the store takes no more records; null if there was none. */
  @Nullable RuntimeException failure() {
    return failure;
  }

  IngestCounters counters() {
    return tally.counters();
  }
}
