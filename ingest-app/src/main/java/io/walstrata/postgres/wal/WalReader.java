package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * Cuts WAL into records as the bytes arrive: from a replication stream, or from segment files one
 * after the other.
 *
 * <pre>
 * WalReader reader = new WalReader(start);
 * for each chunk: reader.feed(chunkLsn, bytes, 0, bytes.length);
 *   while ((record = reader.next()) != null) ...
 * </pre>
 *
 * Every record's checksum is checked, and every page header. After a {@link WalException}, or when
 * {@link #end()} reports that the log ended, a reader returns no more records; use a new one. Not
 * thread-safe.
 */
public final class WalReader {
  /*
   * Input is kept from `position` on, in `buffer`. The reader stands at one of three places:
   *
   *   BETWEEN   at the start of a record, or at the page header before it
   *   SKIPPING  in a record whose start lies before the first page; its rest is left out
   *   WITHIN    in a record whose first bytes are in `record`
   *
   * and, after an XLOG_SWITCH record, AFTER_SWITCH: on its way to the next segment.
   */
  private enum State {
    BETWEEN,
    SKIPPING,
    WITHIN,
    AFTER_SWITCH
  }

  private static final int LENGTH_BYTES = 4;

  private final Lsn start;
  private final WalInput input;
  private final WalPages pages;
  private final RecordBuilder record;
  private State state = State.BETWEEN;
  private WalEnd end;

  /** Set while bytes are read: stays set if that ends in an exception. */
  private boolean failed;

  /** Bytes of the unfinished record that are still to be skipped. */
  private long toSkip;

  /** An XLOG_SWITCH record, held back until its segment's end is known. */
  private @Nullable WalRecord held;

  /** Start of the last complete record; not valid before the first. */
  private Lsn lastLsn = Lsn.INVALID;

  /**
   * Makes a reader that learns the segment size from the first segment header it meets. Until then
   * it cannot tell where a segment ends that was cut short by an XLOG_SWITCH record, and holds that
   * record back until the next segment begins.
   *
   * @param start the first LSN of interest: the start of a record, page or segment, or any place
   *     within. Records that start below it are left out. Input must begin at {@link #wantedLsn()},
   *     the start of the page
   */
  public WalReader(Lsn start) {
    this(start, 0);
  }

  /**
   * Makes a reader for segments of this size.
   *
   * @param start as above
   * @param segmentBytes a power of two from 1 MiB to 1 GiB, or 0 if it is not known
   */
  public WalReader(Lsn start, int segmentBytes) {
    this(start, segmentBytes, RecordLimits.NONE);
  }

  /**
   * Makes a reader that does not keep everything of large records.
   *
   * @param start as above
   * @param segmentBytes as above
   */
  public WalReader(Lsn start, int segmentBytes, RecordLimits limits) {
    if (segmentBytes != 0 && !WalPageHeader.isSegmentSize(segmentBytes)) {
      throw new IllegalArgumentException("not a WAL segment size: segmentBytes=" + segmentBytes);
    }
    this.start = start;
    long firstPage = WalPositions.pageStart(start).value();
    this.input = new WalInput(firstPage);
    this.pages = new WalPages(segmentBytes);
    this.record = new RecordBuilder(limits);
    this.end = new WalEnd(WalEnd.Kind.NEED_MORE, Lsn.of(firstPage), "nothing read yet");
  }

  /** Passes the bytes of the records that are returned to {@code to}, too, as they are read. */
  void content(RecordContent to) {
    record.content(to);
  }

  /** Returns where the next chunk must begin. */
  public Lsn wantedLsn() {
    return Lsn.of(input.end());
  }

  /** Returns the segment size in bytes, 0 while it is not known. */
  public int segmentBytes() {
    return pages.segmentBytes();
  }

  /** Returns the cluster's system identifier, 0 while it is not known. */
  public long systemIdentifier() {
    return pages.systemIdentifier();
  }

  /** Returns the timeline of the last page read, unsigned 32 bits; 0 before the first page. */
  public long timeline() {
    return pages.timeline();
  }

  /** Returns the server's major version, null before the first page. */
  public @Nullable PgVersion version() {
    return pages.version();
  }

  /**
   * Returns why the last {@link #next()} returned null; without meaning if it returned a record.
   */
  public WalEnd end() {
    return end;
  }

  /**
   * Takes WAL. The bytes are copied.
   *
   * @param lsn where the bytes are from; bytes below {@link #wantedLsn()} are ignored
   * @throws IllegalArgumentException if they leave a gap
   * @throws WalException if they reach the last position that an LSN can hold
   */
  public void feed(Lsn lsn, byte[] bytes, int offset, int length) {
    if (length < 0 || offset < 0 || offset > bytes.length - length) {
      throw new IllegalArgumentException(
          "chunk outside its array: offset=" + offset + ", length=" + length);
    }
    if (wantedLsn().isBefore(lsn)) {
      throw new IllegalArgumentException(
          "gap in the WAL: expected=" + wantedLsn() + ", actual=" + lsn);
    }
    long known = input.end() - lsn.value();
    if (Long.compareUnsigned(known, length) < 0) {
      input.append(bytes, offset + (int) known, length - (int) known);
    }
  }

  /**
   * Returns the next record, or null if the bytes given so far hold no further complete one: {@link
   * #end()} states what is missing.
   *
   * @throws WalException if the bytes are not WAL that a server wrote
   * @throws WalRecordTooLargeException if a record exceeds the limits
   * @throws IllegalStateException after such an exception
   */
  public @Nullable WalRecord next() {
    if (failed) {
      throw new IllegalStateException(
          "reader has failed on bad WAL before, use a new one: position=" + position());
    }
    failed = true;
    WalRecord next = nextOrEnd();
    failed = false;
    return next;
  }

  private @Nullable WalRecord nextOrEnd() {
    while (step()) {
      WalRecord complete = takeComplete();
      if (complete != null) {
        lastLsn = complete.lsn();
        if (!complete.lsn().isBefore(start)) {
          return complete;
        }
      }
    }
    return null;
  }

  /** Reads the next part of the input; false if it cannot, and then {@link #end} states why. */
  private boolean step() {
    if (input.isAtPageStart()) {
      return enterPage();
    }
    return switch (state) {
      case BETWEEN -> startRecord();
      case WITHIN -> continueRecord();
      case SKIPPING -> skipRecord();
      case AFTER_SWITCH -> skipPage();
    };
  }

  private Lsn position() {
    return Lsn.of(input.position());
  }

  private boolean stop(WalEnd.Kind kind, Lsn lsn, String reason) {
    end = new WalEnd(kind, lsn, reason);
    return false;
  }

  private boolean needMore(String what) {
    String reason = what + " is not here yet, end=" + wantedLsn();
    return state == State.WITHIN
        ? stop(WalEnd.Kind.NEED_MORE_OF_RECORD, record.lsn(), reason + record.facts())
        : stop(WalEnd.Kind.NEED_MORE, position(), reason);
  }

  private boolean endOfLog(String why) {
    return state == State.WITHIN
        ? stop(
            WalEnd.Kind.TORN,
            record.lsn(),
            "record is not finished: " + why + ", page=" + position() + record.facts())
        : stop(WalEnd.Kind.END_OF_LOG, position(), why);
  }

  private boolean enterPage() {
    WalPageHeader header = input.pageHeader();
    if (header == null) {
      return needMore("a page header");
    }
    if (state == State.AFTER_SWITCH && header.isBlank()) {
      return skipPage();
    }
    if (header.isBlank()) {
      return endOfLog("page was never written");
    }
    if (header.isRecycled(position())) {
      if (state == State.AFTER_SWITCH && header.isLong()) {
        return enterNextSegment(header);
      }
      return endOfLog("page is left from an older use of the file, address=" + header.address);
    }
    boolean first = pages.isFirst();
    pages.enter(header, position());
    if (state == State.AFTER_SWITCH) {
      return enterNextSegment(header);
    }
    input.moveTo(WalPositions.plus(input.position(), header.length()));
    settleState(header, first);
    return true;
  }

  /** Decides what the bytes after a page header are. */
  private void settleState(WalPageHeader header, boolean first) {
    Lsn page = header.address;
    if (header.overwritesRecord() && !header.continuesRecord()) {
      // The server crashed before it had written this page, and abandoned the record.
      state = State.BETWEEN;
    } else if (header.continuesRecord() && state == State.WITHIN) {
      record.checkRest(header.restOfRecord, page);
    } else if (header.continuesRecord() && (first || state == State.SKIPPING)) {
      checkSkipped(header, first);
      state = State.SKIPPING;
      toSkip = header.restOfRecord;
    } else if (header.continuesRecord()) {
      throw new WalException(
          page, "page continues a record, but none is open: rest=" + header.restOfRecord);
    } else if (state != State.BETWEEN) {
      throw new WalException(page, "page does not continue the record of the page before");
    }
  }

  private void checkSkipped(WalPageHeader header, boolean first) {
    if (!first && header.restOfRecord != toSkip) {
      throw new WalException(
          header.address,
          "page continues another record: rest=" + header.restOfRecord + ", expected=" + toSkip);
    }
  }

  private boolean skipRecord() {
    toSkip = input.skipInPage(toSkip);
    if (toSkip == 0) {
      state = State.BETWEEN;
    }
    return true;
  }

  private boolean startRecord() {
    input.align();
    if (input.isAtPageStart()) {
      return true;
    }
    if (input.available() < LENGTH_BYTES) {
      return needMore("the next record");
    }
    long length = input.peekU32();
    if (length != 0) {
      record.begin(position(), length, !position().isBefore(start));
      state = State.WITHIN;
      return true;
    }
    // Bytes after a length of 0 are either damage or what a crash left of records written at the
    // same time; a server does not read further, but an operator should know.
    return input.isBlankToPageEnd()
        ? endOfLog("no further record, length=0")
        : stop(
            WalEnd.Kind.TORN,
            position(),
            "record length is 0, but the rest of the page is not blank");
  }

  private boolean continueRecord() {
    if (input.copyInPage(record) == 0) {
      return needMore("the rest of a record");
    }
    record.checkHeader(lastLsn);
    return true;
  }

  private boolean skipPage() {
    input.moveTo(WalPositions.plus(input.position(), 1));
    input.skipToPage();
    return true;
  }

  private @Nullable WalRecord takeComplete() {
    WalRecord ready = held;
    if (ready != null && state == State.BETWEEN) {
      held = null;
      return ready;
    }
    PgVersion version = pages.version();
    if (version == null || state != State.WITHIN || !record.isComplete()) {
      return null;
    }
    input.align();
    WalRecord complete = record.take(version, position());
    state = State.BETWEEN;
    return complete.isSwitch() ? leaveSegment(complete) : complete;
  }

  /** The rest of the segment is empty: its pages have not even headers. */
  private @Nullable WalRecord leaveSegment(WalRecord complete) {
    long segment = pages.segmentBytes();
    if (segment == 0) {
      held = complete;
      state = State.AFTER_SWITCH;
      return null;
    }
    input.moveTo(WalPositions.roundUp(input.position(), segment));
    return complete.withEnd(position());
  }

  /** The first page that is not blank after a switch shows where the segment ended. */
  private boolean enterNextSegment(WalPageHeader header) {
    WalRecord complete = held;
    if (complete == null || !header.isLong()) {
      throw new WalException(
          header.address, "page with contents between an XLOG_SWITCH record and the next segment");
    }
    held = complete.withEnd(position());
    state = State.BETWEEN;
    return true;
  }
}
