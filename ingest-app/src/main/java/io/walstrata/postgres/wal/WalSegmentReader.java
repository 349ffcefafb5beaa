package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The records of WAL segment files, in the order of the log. The files may be given in any order,
 * but must follow each other without a gap; where two timelines have the same segment, the newer
 * one's file is read, which begins with what the older one held up to the fork. Not thread-safe.
 */
public final class WalSegmentReader implements Closeable {
  private static final int CHUNK_BYTES = 128 * 1024;

  private final List<WalFile> files;
  private final int segmentBytes;
  private final RecordLimits limits;
  private final WalReader reader;
  private final byte[] chunk = new byte[CHUNK_BYTES];
  private final Lsn startLsn;
  private int current = -1;
  private @Nullable SegmentInput in;

  /** How much of the current file was read. */
  private long position;

  /** Set when nothing can be read after a file, although its end is not that of the log. */
  private @Nullable WalEnd cut;

  private WalSegmentReader(List<WalFile> files, int segmentBytes, Lsn start, RecordLimits limits) {
    this.files = files;
    this.segmentBytes = segmentBytes;
    this.startLsn = start;
    this.limits = limits;
    this.reader = new WalReader(start, segmentBytes, limits);
  }

  /** As below, and keeps all of every record. */
  public static WalSegmentReader open(List<Path> files, Lsn start) throws IOException {
    return open(WalArchive.of(files).segments(), start, RecordLimits.NONE);
  }

  /**
   * Opens segment files. Those at the end that were kept for later use are not read.
   *
   * @param files at least one
   * @param start where to begin; {@link Lsn#INVALID} for the start of the first file. Files that
   *     lie wholly before it are not read
   * @throws IllegalArgumentException if a segment is missing or given twice, or the start lies
   *     outside of the files
   * @throws WalException if no file begins with a segment header, or one is longer than a segment
   */
  public static WalSegmentReader open(List<WalFile> files, Lsn start, RecordLimits limits)
      throws IOException {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("no WAL segment given");
    }
    int segmentBytes = WalArchive.cluster(files).segmentBytes();
    List<WalFile> sorted = sort(files, segmentBytes);
    Lsn first = sorted.get(0).startLsn(segmentBytes);
    Lsn last = lastByte(sorted.get(sorted.size() - 1), segmentBytes);
    Lsn begin = start.isValid() ? start : first;
    if (begin.isBefore(first) || begin.isAfter(last)) {
      throw new IllegalArgumentException(
          "start lies outside of the segments: start="
              + begin
              + ", segmentsStart="
              + first
              + ", segmentsEnd="
              + Lsn.of(last.value() + 1));
    }
    List<WalFile> wanted =
        sorted.stream().filter(file -> !lastByte(file, segmentBytes).isBefore(begin)).toList();
    List<WalFile> used = withoutUnused(wanted, segmentBytes);
    requireNoGap(used, segmentBytes);
    return new WalSegmentReader(used, segmentBytes, begin, limits);
  }

  /** Leaves out what a server kept for later use at the end; the first file always stays. */
  private static List<WalFile> withoutUnused(List<WalFile> sorted, int segmentBytes)
      throws IOException {
    int count = sorted.size();
    while (count > 1 && sorted.get(count - 1).content(segmentBytes) != WalFile.Content.LOG) {
      count--;
    }
    return sorted.subList(0, count);
  }

  /** One file for each segment, in the order of the log: the newest timeline's, if whole. */
  private static List<WalFile> sort(List<WalFile> files, int segmentBytes) throws IOException {
    TreeMap<Lsn, WalFile> byStart = new TreeMap<>();
    for (WalFile file : files) {
      Lsn start = file.startLsn(segmentBytes);
      WalFile other = byStart.get(start);
      if (other == null || isBetter(file, other)) {
        byStart.put(start, file);
      }
    }
    return List.copyOf(byStart.values());
  }

  private static boolean isBetter(WalFile file, WalFile other) throws IOException {
    if (file.name().timeline() != other.name().timeline()) {
      return file.name().timeline() > other.name().timeline();
    }
    if (file.isPartial() == other.isPartial() && !Files.isSameFile(file.path(), other.path())) {
      throw new IllegalArgumentException(
          "segment given twice: file=" + other.path() + ", file=" + file.path());
    }
    return other.isPartial() && !file.isPartial();
  }

  private static Lsn lastByte(WalFile file, int segmentBytes) {
    return Lsn.of(file.startLsn(segmentBytes).value() + (segmentBytes - 1));
  }

  private static void requireNoGap(List<WalFile> sorted, int segmentBytes) {
    Lsn expected = sorted.get(0).startLsn(segmentBytes);
    for (WalFile file : sorted) {
      if (!file.startLsn(segmentBytes).equals(expected)) {
        throw new IllegalArgumentException(
            "segment missing before this one: file="
                + file.path()
                + ", expected="
                + expected
                + ", start="
                + file.startLsn(segmentBytes));
      }
      expected = Lsn.of(expected.value() + segmentBytes);
    }
  }

  /** Returns where reading began, or the position asked for. */
  public Lsn startLsn() {
    return startLsn;
  }

  /** Returns the segment size in bytes. */
  public int segmentBytes() {
    return segmentBytes;
  }

  /** Returns the cluster's system identifier, 0 before the first record. */
  public long systemIdentifier() {
    return reader.systemIdentifier();
  }

  /** Returns the file that is being read, null before the first record. */
  public @Nullable Path file() {
    return current < 0 ? null : files.get(Math.min(current, files.size() - 1)).path();
  }

  /** Returns why {@link #next()} returned null; without meaning before that. */
  public WalEnd end() {
    WalEnd known = cut;
    WalEnd end = reader.end();
    if (known != null) {
      return known;
    }
    if (end.kind() == WalEnd.Kind.END_OF_LOG && current + 1 < files.size()) {
      // Those kept for later use are not among the files: log follows, and some before is missing.
      return new WalEnd(
          WalEnd.Kind.TORN,
          end.lsn(),
          end.reason() + ", but log follows: next=" + files.get(current + 1).path());
    }
    return end;
  }

  /**
   * Reads a record a second time and passes its bytes to {@code to}, without keeping them.
   *
   * @param record one that {@link #next} returned
   * @throws IOException if it cannot be read again
   */
  public void content(WalRecord record, RecordContent to) throws IOException {
    try (WalSegmentReader again = new WalSegmentReader(files, segmentBytes, record.lsn(), limits)) {
      again.reader.content(to);
      if (again.next() == null) {
        throw new IOException("record is not there a second time: record=" + record);
      }
    }
  }

  /**
   * Returns the next record, or null if there is none: {@link #end()} states why.
   *
   * @throws WalException if the bytes are not WAL that a server wrote
   * @throws WalRecordTooLargeException if a record exceeds the limits
   */
  public @Nullable WalRecord next() throws IOException {
    WalRecord record = reader.next();
    while (record == null && reader.end().kind().isOpen() && feed()) {
      record = reader.next();
    }
    return record;
  }

  /** Feeds the next bytes; false at the end of the last file. */
  private boolean feed() throws IOException {
    SegmentInput open = in == null ? openNext() : in;
    while (open != null) {
      int length = open.read(chunk);
      if (length > 0) {
        Lsn lsn = Lsn.of(files.get(current).startLsn(segmentBytes).value() + position);
        reader.feed(lsn, chunk, 0, length);
        position = open.position();
        return true;
      }
      endFile();
      open = openNext();
    }
    return false;
  }

  private @Nullable SegmentInput openNext() throws IOException {
    if (cut != null) {
      return null;
    }
    do {
      if (current + 1 >= files.size()) {
        return null;
      }
      current++;
    } while (lastByte(files.get(current), segmentBytes).isBefore(reader.wantedLsn()));
    Lsn start = files.get(current).startLsn(segmentBytes);
    Lsn wanted = reader.wantedLsn();
    long offset = wanted.isAfter(start) ? wanted.value() - start.value() : 0;
    SegmentInput opened = SegmentInput.open(files.get(current), segmentBytes, offset);
    in = opened;
    position = opened.position();
    return opened;
  }

  private void endFile() throws IOException {
    close();
    if (position < segmentBytes) {
      cut =
          new WalEnd(
              WalEnd.Kind.TORN,
              reader.end().lsn(),
              "file ends before its segment does: file="
                  + files.get(current).path()
                  + ", bytes="
                  + position
                  + ", segmentBytes="
                  + segmentBytes);
    }
  }

  @Override
  public void close() throws IOException {
    SegmentInput open = in;
    in = null;
    if (open != null) {
      open.close();
    }
  }
}
