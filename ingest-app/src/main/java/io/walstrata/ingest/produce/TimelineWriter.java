package io.walstrata.ingest.produce;

import io.walstrata.ingest.produce.KafkaTarget.Route;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.schemas.WalPageKey;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.WalTombstone;
import io.walstrata.schemas.WalValueKind;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns one timeline's versions into messages.
 *
 * <p>Protocol, per WAL record: any number of {@link #put} and {@link #tombstone} with its LSN, then
 * {@link #complete}. {@link #poll} in between records sends what has waited long enough. All of
 * that is for one thread; the LSNs can be asked for by any.
 */
final class TimelineWriter {
  /*
   * A claim states that the timeline is complete up to its LSN. A message may carry it only if every
   * version at or below it is in that message or an earlier one. So a message carries the LSN of the
   * last *completed* WAL record whose versions have all been put; where a WAL record is too large for
   * a message, all its parts but the last carry the claim of the record before it.
   */

  /** How messages are built. */
  enum Style {
    /** Many versions in one message. */
    BATCH,
    /** One version per message, claims in progress marks. */
    RECORD
  }

  /**
   * @param style batches or single records
   * @param targetBytes a batch of at least so many bytes is sent at once; 1 or more
   * @param lingerNanos how long a version waits at most for others to share its message
   * @param progressNanos how long a claim waits at most for a version to share its message
   */
  record Settings(Style style, int targetBytes, long lingerNanos, long progressNanos) {
    /** Returns the same with a target of at most so many bytes. */
    Settings withTargetAtMost(int bytes) {
      return new Settings(style, Math.min(targetBytes, bytes), lingerNanos, progressNanos);
    }
  }

  private final WalTimelineId timeline;
  private final KafkaTarget target;
  private final Settings settings;
  private final LongSupplier nanoClock;
  private volatile Route route;

  private final BatchBuffer batch = new BatchBuffer();

  /** How many entries of {@link #batch} are before the WAL record that is not complete yet. */
  private int openEntries;

  private boolean recordOpen;
  private Lsn completed;

  /** Of the record that ends at {@link #completed}, if that is known. */
  private @Nullable RecordMark completedMark;

  private Lsn claimed;
  private long waitingSince;

  private final AtomicLong sent;
  private final AtomicLong acked;
  private final AtomicLong versions = new AtomicLong();
  private final AtomicLong tombstones = new AtomicLong();
  private final AtomicLong messages = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  /**
   * @param resumed the last claim that the topic holds already; {@link Lsn#INVALID} if none
   * @param resumedMark the mark of that claim, null if it has none
   * @param nanoClock as {@link System#nanoTime}
   */
  TimelineWriter(
      TimelineId timeline,
      Route route,
      Lsn resumed,
      @Nullable RecordMark resumedMark,
      KafkaTarget target,
      Settings settings,
      LongSupplier nanoClock) {
    this.timeline = new WalTimelineId(timeline.toBytes());
    this.route = route;
    this.target = target;
    this.settings = settings;
    this.nanoClock = nanoClock;
    this.completed = resumed;
    this.completedMark = resumedMark;
    this.claimed = resumed;
    this.sent = new AtomicLong(resumed.value());
    this.acked = new AtomicLong(resumed.value());
  }

  /** Sends later messages by this route: the headers change when the source does. */
  void route(Route next) {
    flush();
    route = next;
  }

  /**
   * Adds a version of the WAL record that ends at this LSN.
   *
   * @throws ProduceException if it is too large for a message, or Kafka fails
   */
  void put(Lsn lsn, PageKey key, ValueKind kind, byte[] value) {
    open(lsn);
    if (settings.style() == Style.RECORD) {
      send(
          new WalRecord(
              timeline,
              lsn.value(),
              new WalPageKey(key.toBytes()),
              kind == ValueKind.IMAGE ? WalValueKind.IMAGE : WalValueKind.WAL_RECORD,
              kind == ValueKind.WAL_RECORD_WILL_INIT,
              ByteBuffer.wrap(value)),
          Lsn.INVALID);
    } else {
      batch(lsn, key, kind, value);
    }
    versions.getAndIncrement();
    bytes.getAndAdd(value.length);
  }

  /** Returns whether a value of this length fits into a message. */
  boolean fits(int valueBytes) {
    return BatchBuffer.sizeOfOne(valueBytes) <= target.maxMessageBytes();
  }

  /** Returns the largest message, in bytes. */
  int maxMessageBytes() {
    return target.maxMessageBytes();
  }

  /** Returns what Kafka's limits must be for a value of this length, in bytes. */
  static long messageBytes(int valueBytes) {
    return BatchBuffer.sizeOfOne(valueBytes) + KafkaClients.REQUEST_MARGIN_BYTES;
  }

  private void batch(Lsn lsn, PageKey key, ValueKind kind, byte[] value) {
    int limit = target.maxMessageBytes();
    if (batch.sizeWith(value.length) > limit && openEntries > 0) {
      // The record is kept in one message if it fits: what is before it is sent first.
      sendBatch(openEntries);
    }
    if (batch.sizeWith(value.length) > limit && batch.entries() > 0) {
      sendBatch(batch.entries());
    }
    if (batch.entries() == 0) {
      waitFrom();
    }
    batch.add(lsn, key, kind, value);
  }

  /**
   * Sends what has been put of the open WAL record, or of a base backup, once it fills a message.
   */
  void sendIfFull() {
    if (batch.bytes() >= settings.targetBytes()) {
      sendBatch(batch.entries());
    }
  }

  /** Sends a tombstone of a range of keys as of the WAL record that ends at this LSN. */
  void tombstone(Lsn lsn, KeyRange range) {
    open(lsn);
    sendBatch(batch.entries());
    send(
        new WalTombstone(
            timeline,
            lsn.value(),
            new WalPageKey(range.startKey().toBytes()),
            new WalPageKey(range.endKey().toBytes())),
        Lsn.INVALID);
    tombstones.getAndIncrement();
  }

  private void open(Lsn lsn) {
    if (!lsn.isValid() || !completed.isBefore(lsn)) {
      throw new IllegalArgumentException(
          "an LSN must be after the completed one: lsn=" + lsn + ", completed=" + completed);
    }
    if (!recordOpen) {
      recordOpen = true;
      openEntries = batch.entries();
    }
  }

  /**
   * Completes the timeline up to and including this LSN: all of it has been put. Does nothing for
   * an LSN that was completed before.
   */
  void complete(Lsn lsn) {
    complete(lsn, null);
  }

  /**
   * As {@link #complete(Lsn)}.
   *
   * @param mark sent with a claim of this LSN; null for none
   */
  void complete(Lsn lsn, @Nullable RecordMark mark) {
    recordOpen = false;
    openEntries = 0;
    if (!completed.isBefore(lsn)) {
      return;
    }
    if (completed.equals(claimed) && batch.entries() == 0) {
      waitFrom();
    }
    completed = lsn;
    completedMark = mark;
    if (batch.bytes() >= settings.targetBytes()) {
      sendBatch(batch.entries());
    }
  }

  private void waitFrom() {
    waitingSince = nanoClock.getAsLong();
  }

  /** Sends what has waited long enough. Between WAL records only. */
  void poll() {
    if (nanosToSend() <= 0) {
      flush();
    }
  }

  /** Returns in how many nanoseconds {@link #poll} is due; {@link Long#MAX_VALUE} if never. */
  long nanosToSend() {
    if (batch.entries() == 0 && completed.equals(claimed)) {
      return Long.MAX_VALUE;
    }
    long wait = batch.entries() > 0 ? settings.lingerNanos() : settings.progressNanos();
    return waitingSince + wait - nanoClock.getAsLong();
  }

  /**
   * Sends everything completed, claim included, without waiting for Kafka. Between records only.
   */
  void flush() {
    if (recordOpen) {
      throw new IllegalStateException("a WAL record is open: completed=" + completed);
    }
    sendBatch(batch.entries());
    if (!completed.equals(claimed)) {
      send(new WalProgress(timeline, completed.value()), completed);
    }
  }

  /** Flushes at the end of a run, unless Kafka failed or a WAL record is not complete. */
  void flushUnlessFailed() {
    if (!recordOpen && !target.hasFailed()) {
      flush();
    }
  }

  /** Sends the first entries of the batch. */
  private void sendBatch(int count) {
    if (count == 0) {
      return;
    }
    boolean partOfOpenRecord = recordOpen && count > openEntries;
    Lsn claim = completed;
    send(batch.take(timeline, count, claim), claim);
    openEntries = partOfOpenRecord ? 0 : Math.max(0, openEntries - count);
    if (batch.entries() > 0) {
      waitFrom();
    }
  }

  private void send(org.apache.avro.specific.SpecificRecord message, Lsn claim) {
    messages.getAndIncrement();
    long value = claim.value();
    target.send(
        value == 0 ? route : routeOfClaim(),
        message,
        () -> {
          if (value != 0) {
            acked.set(value);
          }
        });
    if (value != 0) {
      claimed = claim;
      sent.set(value);
    }
  }

  /** Returns the route of a message with a claim, which is always of what is completed. */
  private Route routeOfClaim() {
    @Nullable RecordMark mark = completedMark;
    return mark == null ? route : route.with(PostgresHeaders.of(mark));
  }

  /** Returns the last claim sent to Kafka. */
  Lsn sentLsn() {
    return Lsn.of(sent.get());
  }

  /** Returns the last claim that Kafka acknowledged: the timeline is complete up to there. */
  Lsn ackedLsn() {
    return Lsn.of(acked.get());
  }

  long versions() {
    return versions.get();
  }

  long tombstones() {
    return tombstones.get();
  }

  long messages() {
    return messages.get();
  }

  long bytes() {
    return bytes.get();
  }
}
