package io.walstrata.ingest.produce;

import io.walstrata.ingest.pgwal.PageVersion;
import io.walstrata.ingest.pgwal.PgRecordLimits;
import io.walstrata.ingest.pgwal.PgRecordTooLargeException;
import io.walstrata.ingest.pgwal.PgWalEffects;
import io.walstrata.ingest.pgwal.PgWalException;
import io.walstrata.ingest.pgwal.PgWalMapper;
import io.walstrata.ingest.pgwal.PgWalReader;
import io.walstrata.ingest.pgwal.PgWalRecord;
import io.walstrata.ingest.pgwal.PgWalText;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns PostgreSQL's WAL, as it comes, into what {@link TimelineWriter} sends. For one thread,
 * except the two counters.
 */
final class WalApplier {
  private static final Logger LOG = LoggerFactory.getLogger(WalApplier.class);

  private static final int PAGE_BYTES = 8192;
  private static final int PAGE_HEADER_BYTES = 24;
  private static final int SEGMENT_HEADER_BYTES = 40;

  private final TimelineWriter writer;
  private final IntConsumer timelineChanged;
  private final PgWalMapper mapper;
  private final PgRecordLimits limits;
  private final Lsn end;

  private PgWalReader reader;
  private volatile int postgresTimeline;
  private volatile Lsn appliedLsn;
  private boolean done;
  private final AtomicLong records = new AtomicLong();
  private volatile Lsn readLsn;

  /**
   * @param maxRecordBytes a record that is longer and changes pages is refused
   * @param start where to begin: the end of the last record that the topic holds, or any LSN
   * @param segmentBytes size of a WAL segment, 0 if unknown
   * @param end records that end behind it are not applied; {@link Lsn#MAX} for no end
   * @param timelineChanged called with PostgreSQL's timeline before the first record on it
   */
  WalApplier(
      TimelineWriter writer,
      PgWalMapper mapper,
      int maxRecordBytes,
      Lsn start,
      int segmentBytes,
      Lsn end,
      IntConsumer timelineChanged) {
    this.writer = writer;
    this.mapper = mapper;
    this.limits = PgRecordLimits.ofPages(maxRecordBytes);
    this.end = end;
    this.timelineChanged = timelineChanged;
    this.readLsn = start;
    this.appliedLsn = Lsn.INVALID;
    this.reader = new PgWalReader(start, segmentBytes, limits);
    this.done = !start.isBefore(end);
  }

  /** Forgets what has been read of the unfinished record: begins again behind the last one. */
  void restart() {
    reader = new PgWalReader(readLsn, reader.segmentBytes(), limits);
  }

  /** Returns the first byte that {@link #apply} needs next. */
  Lsn wantedLsn() {
    return reader.wantedLsn();
  }

  /** Returns the end of the last record applied; where it began before the first. Any thread. */
  Lsn readLsn() {
    return readLsn;
  }

  /** Returns the end of the bytes applied, complete records or not. Any thread. */
  Lsn appliedLsn() {
    return appliedLsn;
  }

  /** Returns the timeline that the last bytes were from; 0 before the first. Any thread. */
  int postgresTimeline() {
    return postgresTimeline;
  }

  /** Returns how many records have been applied. Any thread. */
  long records() {
    return records.get();
  }

  /** Returns whether the end has been reached. */
  boolean isDone() {
    return done;
  }

  PgWalReader reader() {
    return reader;
  }

  /**
   * Checks that the log goes on, as a stream's always does.
   *
   * @throws PgWalException if the bytes say that it ended
   */
  void requireOpen() {
    if (!reader.end().kind().isOpen()) {
      throw new PgWalException(reader.end().lsn(), reader.end().reason());
    }
  }

  /**
   * Applies the records that these bytes complete.
   *
   * @param timeline PostgreSQL's timeline that the bytes were read from
   * @throws PgWalException if they are not WAL; {@link #restart} is needed then
   * @throws ProduceException if Kafka fails, or a record cannot be represented
   */
  void apply(int timeline, Lsn lsn, ByteBuffer wal) {
    if (timeline != postgresTimeline) {
      postgresTimeline = timeline;
      timelineChanged.accept(timeline);
    }
    reader.feed(lsn, wal.array(), wal.arrayOffset() + wal.position(), wal.remaining());
    while (!done) {
      @Nullable PgWalRecord next = nextRecord();
      if (next == null) {
        break;
      }
      apply(next);
    }
    appliedLsn = Lsn.of(lsn.value() + wal.remaining());
  }

  private @Nullable PgWalRecord nextRecord() {
    try {
      return reader.next();
    } catch (PgRecordTooLargeException e) {
      throw new ProduceException(
          ProduceException.Reason.FAILED,
          e.getMessage()
              + (", setting=" + PostgresSettings.MAX_RECORD_BYTES)
              + "; raise it, and the heap with it",
          e);
    }
  }

  private void apply(PgWalRecord record) {
    if (end.isBefore(record.endLsn())) {
      done = true;
      return;
    }
    PgWalEffects effects = effects(record);
    for (KeyRange range : effects.tombstones()) {
      writer.tombstone(effects.lsn(), range);
    }
    for (PageVersion version : effects.versions()) {
      requireFits(record, version);
      writer.put(effects.lsn(), version.key(), version.value().kind(), version.value().bytes());
    }
    for (String lost : effects.unrepresentable()) {
      LOG.warn("left out, as was asked for: {}", lost);
    }
    writer.complete(effects.lsn());
    records.getAndIncrement();
    readLsn = effects.lsn();
    done = !nextStart(effects.lsn(), reader.segmentBytes()).isBefore(end);
  }

  private void requireFits(PgWalRecord record, PageVersion version) {
    int bytes = version.value().bytes().length;
    if (!writer.fits(bytes)) {
      throw ProduceException.failed(
          "WAL record does not fit into a message: lsn="
              + (record.lsn() + ", endLsn=" + record.endLsn())
              + (", record=" + PgWalText.name(record) + ", bytes=" + record.totalLength())
              + (", limit=" + writer.maxMessageBytes())
              + "; set producer.max.request.size and the topic's max.message.bytes to "
              + (TimelineWriter.messageBytes(bytes) + " or more"));
    }
  }

  private PgWalEffects effects(PgWalRecord record) {
    try {
      return mapper.map(record);
    } catch (UnrepresentableKeyException e) {
      throw new ProduceException(
          ProduceException.Reason.FAILED,
          e.getMessage() + " (" + PostgresSettings.UNREPRESENTABLE + "=skip)",
          e);
    }
  }

  /** Where the next record starts: behind the page header if the last one ended at a page's end. */
  static Lsn nextStart(Lsn recordEnd, int segmentBytes) {
    long at = recordEnd.value();
    if (at % PAGE_BYTES != 0) {
      return recordEnd;
    }
    boolean segmentStart = segmentBytes != 0 && (at & (segmentBytes - 1)) == 0;
    return Lsn.of(at + (segmentStart ? SEGMENT_HEADER_BYTES : PAGE_HEADER_BYTES));
  }
}
