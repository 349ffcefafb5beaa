package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.postgres.rmgr.PageVersion;
import io.walstrata.postgres.rmgr.WalEffects;
import io.walstrata.postgres.rmgr.WalLevelCheck;
import io.walstrata.postgres.rmgr.WalMapper;
import io.walstrata.postgres.rmgr.WalText;
import io.walstrata.postgres.wal.RecordLimits;
import io.walstrata.postgres.wal.WalException;
import io.walstrata.postgres.wal.WalPositions;
import io.walstrata.postgres.wal.WalReader;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.postgres.wal.WalRecordTooLargeException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads PostgreSQL's WAL in pieces and puts its versions and tombstones into a {@link
 * TimelineWriter}. For one thread, except the methods that any thread may call.
 */
final class WalApplier {
  private static final Logger LOG = LoggerFactory.getLogger(WalApplier.class);

  private final TimelineWriter writer;
  private final IntConsumer timelineChanged;
  private final WalMapper mapper;
  private final RecordLimits limits;
  private final Lsn end;

  private final WalLevelCheck level;

  /**
   * Whether there is WAL up to {@link #readLsn}, read or claimed, that the next record continues.
   */
  private boolean continues;

  /** Of the WAL up to {@link #readLsn}, null if it is not known. */
  private @Nullable RecordMark mark;

  private ClaimCheck check;
  private WalReader reader;
  private volatile int postgresTimeline;
  private boolean done;
  private final AtomicLong records = new AtomicLong();
  private volatile Lsn readLsn;
  private volatile Lsn rereadLsn;

  /**
   * @param held what the topic holds: WAL is read from its claim on, if it has one
   * @param maxRecordBytes a longer record that changes pages is refused
   * @param start where to begin if it has no claim: any LSN
   * @param segmentBytes size of a WAL segment, 0 if unknown
   * @param end records that end after it are not applied; {@link Lsn#MAX} for no end
   * @param timelineChanged called with PostgreSQL's timeline before the first record on it
   */
  WalApplier(
      TimelineWriter writer,
      WalMapper mapper,
      ResumePosition held,
      int maxRecordBytes,
      Lsn start,
      int segmentBytes,
      Lsn end,
      IntConsumer timelineChanged) {
    this.writer = writer;
    this.mapper = mapper;
    this.limits = RecordLimits.ofPages(maxRecordBytes);
    this.end = end;
    this.timelineChanged = timelineChanged;
    this.continues = held.isFound();
    this.mark = held.mark().orElse(null);
    this.level = new WalLevelCheck(held.mark().map(RecordMark::unprovenSince).orElse(Lsn.INVALID));
    this.readLsn = held.isFound() ? held.claim() : start;
    this.check = check(segmentBytes, Lsn.INVALID);
    this.rereadLsn = check.readFrom();
    this.reader = new WalReader(check.readFrom(), segmentBytes, limits);
    this.done = !readLsn.isBefore(end);
  }

  private ClaimCheck check(int segmentBytes, Lsn firstLsn) {
    return continues
        ? ClaimCheck.of(readLsn, mark, segmentBytes, firstLsn)
        : ClaimCheck.ofNew(readLsn, segmentBytes);
  }

  /**
   * Discards what has been read of the unfinished record. The last whole one and its anchor are
   * read again, to check that the WAL is still the same: it may be another server's.
   *
   * @param firstLsn where the WAL that can be read begins: {@link #rereadLsn}, or, if that was
   *     removed, the start of the page that holds {@link #readLsn}
   */
  void restart(Lsn firstLsn) {
    check = check(reader.segmentBytes(), firstLsn);
    reader = new WalReader(check.readFrom(), reader.segmentBytes(), limits);
  }

  /** Returns the first byte that {@link #apply} needs next. */
  Lsn wantedLsn() {
    return reader.wantedLsn();
  }

  /** Returns the end of the last record applied; where it began before the first. Any thread. */
  Lsn readLsn() {
    return readLsn;
  }

  /** Returns where WAL must be read from to continue after {@link #readLsn}. Any thread. */
  Lsn rereadLsn() {
    return rereadLsn;
  }

  /**
   * Returns PostgreSQL's timeline of the last bytes that were not read before, unsigned 32 bits; 0
   * before the first. Any thread.
   */
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

  /** Returns whether the WAL that was read continues the claim; false until that is known. */
  boolean continuesClaim() {
    return check.hasMatched();
  }

  WalReader reader() {
    return reader;
  }

  /**
   * Checks that the WAL continues, as a stream's always does.
   *
   * @throws WalException if it ended
   */
  void requireOpen() {
    if (!reader.end().kind().isOpen()) {
      throw new WalException(reader.end().lsn(), reader.end().reason());
    }
  }

  /**
   * Applies the records that these bytes complete.
   *
   * @param timeline PostgreSQL's timeline that the bytes were read from
   * @throws WalException if they are not WAL; {@link #restart} is needed then
   * @throws ProduceException if Kafka fails, a record cannot be represented, or the WAL does not
   *     continue what was read before
   */
  void apply(int timeline, Lsn lsn, ByteBuffer wal) {
    // Bytes that are read again may be of an older timeline, which is not reported.
    boolean isNew = readLsn.isBefore(WalPositions.plus(lsn, wal.remaining()));
    if (isNew && timeline != postgresTimeline) {
      postgresTimeline = timeline;
      timelineChanged.accept(timeline);
    }
    reader.feed(lsn, wal.array(), wal.arrayOffset() + wal.position(), wal.remaining());
    while (!done) {
      @Nullable WalRecord next = nextRecord();
      if (next == null) {
        break;
      }
      apply(next);
    }
  }

  private @Nullable WalRecord nextRecord() {
    try {
      return reader.next();
    } catch (WalRecordTooLargeException e) {
      throw new ProduceException(
          ProduceException.Reason.FAILED,
          e.getMessage() + ", " + PostgresSettings.largerRecords(limits.maxBytes()),
          e);
    }
  }

  private void apply(WalRecord record) {
    if (!check.isNew(record)) {
      return;
    }
    if (end.isBefore(record.endLsn())) {
      done = true;
      return;
    }
    requireComplete(record);
    WalEffects effects = effects(record);
    for (KeyRange range : effects.tombstones()) {
      writer.tombstone(effects.lsn(), range);
    }
    for (PageVersion version : effects.versions()) {
      requireFits(record, version);
      writer.put(effects.lsn(), version.key(), version.value().kind(), version.value().bytes());
    }
    for (String lost : effects.unrepresentable()) {
      LOG.warn("left out, by {}=skip: {}", PostgresSettings.UNREPRESENTABLE, lost);
    }
    RecordMark applied = RecordMark.of(record, mark, level.unprovenSince());
    writer.complete(effects.lsn(), applied);
    records.getAndIncrement();
    mark = applied;
    continues = true;
    readLsn = effects.lsn();
    rereadLsn = applied.anchorLsn();
    done = !WalPositions.nextRecord(effects.lsn(), reader.segmentBytes()).isBefore(end);
  }

  private void requireComplete(WalRecord record) {
    @Nullable String shown = level.look(record);
    if (shown != null) {
      throw ProduceException.failed(
          "the WAL is no complete history: it was written with wal_level=minimal, which leaves out"
              + (" what some relations contain: lsn=" + record.lsn() + ", shownBy=" + shown)
              + (", claim=" + readLsn)
              + "; set wal_level=replica or logical and restart postgres, then start a timeline of"
              + " its own with --timeline and --start at an LSN after that");
    }
  }

  private void requireFits(WalRecord record, PageVersion version) {
    int bytes = version.value().bytes().length;
    if (!writer.fits(bytes)) {
      throw ProduceException.failed(
          "WAL record does not fit into a message: lsn="
              + (record.lsn() + ", endLsn=" + record.endLsn())
              + (", record=" + WalText.name(record) + ", bytes=" + record.totalLength())
              + (", limit=" + writer.maxMessageBytes())
              + "; set producer.max.request.size and the topic's max.message.bytes to "
              + (TimelineWriter.messageBytes(bytes) + " or more"));
    }
  }

  private WalEffects effects(WalRecord record) {
    try {
      return mapper.map(record);
    } catch (UnrepresentableKeyException e) {
      throw new ProduceException(
          ProduceException.Reason.FAILED,
          e.getMessage() + " (" + PostgresSettings.UNREPRESENTABLE + "=skip)",
          e);
    }
  }
}
