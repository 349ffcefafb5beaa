package io.walstrata.ingest.cli;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.WalEnd;
import io.walstrata.postgres.wal.WalException;
import io.walstrata.postgres.wal.WalPositions;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.postgres.wal.WalSegmentReader;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** One run of a dump: gives the chosen records to a sink, and reports where the WAL ends. */
final class WalDump {
  private static final long FOLLOW_MILLIS = 1000;

  /** What to do at the end of the WAL. */
  enum Follow {
    /** Stop. */
    NO,
    /** Wait for more in the last file, and stop when that is whole. */
    LAST_FILE,
    /** Wait for more, in further files too. */
    FILES
  }

  /**
   * What to print.
   *
   * @param start where to begin, not valid for the first segment's start
   * @param end records that end after it are not printed
   * @param limit how many records to print at most
   */
  record Options(Lsn start, Lsn end, long limit, Predicate<WalRecord> filter, Follow follow) {}

  /**
   * What lies between the start and the first record.
   *
   * @param isSegmentStart whether only headers do, since a segment begins at the start
   */
  record Skipped(Lsn start, Lsn first, boolean isSegmentStart) {
    /** Returns the line that pg_waldump prints about it. */
    String line() {
      long bytes = first.value() - start.value();
      return "first record is after %X/%X, at %X/%X, skipping over %d byte%s"
          .formatted(
              start.value() >>> 32,
              start.value() & 0xFFFFFFFFL,
              first.value() >>> 32,
              first.value() & 0xFFFFFFFFL,
              bytes,
              bytes == 1 ? "" : "s");
    }
  }

  /** Opens the segments. */
  interface Opener {
    /**
     * Opens them from a position on.
     *
     * @param from where to begin, not valid for the start of the first segment
     * @param again whether they were opened before
     */
    WalSegmentReader open(Lsn from, boolean again) throws IOException;
  }

  private final Options options;
  private final Opener opener;
  private final WalDumpSink sink;
  private final Consumer<Skipped> skipped;
  private final Consumer<String> note;
  private final Consumer<String> error;
  private long count;

  /** Where the last record ended; where to begin, before the first. */
  private Lsn position;

  private boolean first = true;

  WalDump(
      Options options,
      Opener opener,
      WalDumpSink sink,
      Consumer<Skipped> skipped,
      Consumer<String> note,
      Consumer<String> error) {
    this.options = options;
    this.opener = opener;
    this.sink = sink;
    this.skipped = skipped;
    this.note = note;
    this.error = error;
    this.position = options.start();
  }

  /** Returns the exit status. */
  int run() throws IOException {
    boolean again = false;
    while (true) {
      try (WalSegmentReader segments = opener.open(position, again)) {
        boolean ended = read(segments);
        if (ended || !waits(segments.end())) {
          sink.finish();
          return ended ? ExitStatus.OK : ended(segments);
        }
      }
      sink.flush();
      again = true;
      if (!pause()) {
        sink.finish();
        return ExitStatus.OK;
      }
    }
  }

  /** Returns whether the dump is complete, although the WAL may continue. */
  private boolean read(WalSegmentReader segments) throws IOException {
    try {
      while (count < options.limit()) {
        WalRecord record = segments.next();
        if (record == null) {
          return false;
        }
        if (options.end().isBefore(lastByteEnd(record))) {
          return true;
        }
        noteStart(record, segments.segmentBytes());
        position = record.endLsn();
        if (options.filter().test(record)) {
          count++;
          if (!sink.add(record, segments)) {
            return true;
          }
        }
      }
      return true;
    } catch (WalException e) {
      sink.finish();
      throw new CommandFailedException(
          ExitStatus.NO, e.getMessage() + ", file=" + segments.file(), e);
    }
  }

  /** Returns where a record's bytes end; its end LSN is rounded up, or the segment's end. */
  private static Lsn lastByteEnd(WalRecord record) {
    long padding = -record.totalLength() & 7;
    return record.isSwitch()
        ? Lsn.of(record.lsn().value() + record.totalLength())
        : Lsn.of(record.endLsn().value() - padding);
  }

  private void noteStart(WalRecord record, int segmentBytes) {
    Lsn start = options.start();
    if (first && start.isValid() && !start.equals(record.lsn())) {
      skipped.accept(
          new Skipped(start, record.lsn(), WalPositions.isSegmentStart(start, segmentBytes)));
    }
    if (first) {
      sink.begin(record.lsn());
    }
    first = false;
  }

  private boolean waits(WalEnd end) {
    return options.follow() == Follow.FILES
        || (options.follow() == Follow.LAST_FILE && !end.kind().isOpen());
  }

  /** Returns false if the thread is to stop. */
  private static boolean pause() {
    try {
      Thread.sleep(FOLLOW_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Reports why there is no further record, and whether that is as it should be. */
  private int ended(WalSegmentReader segments) {
    WalEnd why = segments.end();
    switch (why.kind()) {
      case NEED_MORE -> {}
      case NEED_MORE_OF_RECORD, END_OF_LOG -> note.accept(why.sentence());
      case TORN -> {
        error.accept(
            "torn WAL: lsn=" + why.lsn() + ", " + why.reason() + ", file=" + segments.file());
        return ExitStatus.NO;
      }
    }
    return ExitStatus.OK;
  }
}
