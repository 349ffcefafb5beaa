package io.walstrata.ingest.pgwal;

import io.walstrata.layerstore.page.Lsn;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The records of WAL segment files, in the order of the log. The files may be given in any order,
 * but must follow each other without a gap; where two timelines have the same segment, the newer
 * one's file is read, which begins with what the older one held up to the fork. Not thread-safe.
 */
public final class PgWalSegments implements Closeable {
  private static final int CHUNK_BYTES = 128 * 1024;

  /** A segment and its file. */
  private record Segment(Path file, Lsn startLsn) {}

  private final List<Segment> segments;
  private final int segmentBytes;
  private final PgWalReader reader;
  private final byte[] chunk = new byte[CHUNK_BYTES];
  private final Lsn startLsn;
  private int current = -1;
  private @Nullable InputStream in;

  /** How much of the current file was read. */
  private long position;

  /** Set when a file is shorter than its segment: nothing can be read behind it. */
  private @Nullable PgWalEnd cut;

  private PgWalSegments(List<Segment> segments, int segmentBytes, Lsn start) {
    this.segments = segments;
    this.segmentBytes = segmentBytes;
    this.startLsn = start;
    this.reader = new PgWalReader(start, segmentBytes);
  }

  /**
   * Opens segment files.
   *
   * @param files at least one, named as PostgreSQL names them
   * @param start where to begin; {@link Lsn#INVALID} for the start of the first file. Files that
   *     lie wholly before it are not read
   * @throws IllegalArgumentException if a name is not a segment's, a segment is missing, or the
   *     start lies outside of the files
   * @throws PgWalException if the first file does not begin with a segment header, or a file is
   *     longer than a segment
   */
  public static PgWalSegments open(List<Path> files, Lsn start) throws IOException {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("no WAL segment given");
    }
    int segmentBytes = segmentBytes(files.get(0));
    List<Segment> segments = sort(files, segmentBytes);
    Lsn first = segments.get(0).startLsn();
    Lsn begin = start.isValid() ? start : first;
    Lsn last = segments.get(segments.size() - 1).startLsn();
    Lsn end = PgLsns.plus(last, segmentBytes - 1L); // Of the very last segment the end is no LSN.
    if (begin.isBefore(first) || end.isBefore(begin)) {
      throw new IllegalArgumentException(
          "start lies outside of the segments: start="
              + begin
              + ", segmentsStart="
              + first
              + ", segmentsEnd="
              + end);
    }
    return new PgWalSegments(segments, segmentBytes, begin);
  }

  private static int segmentBytes(Path file) throws IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(PgWalPageHeader.LONG_BYTES);
    }
    if (head.length < PgWalPageHeader.LONG_BYTES) {
      throw new PgWalException(
          Lsn.INVALID, "file too short for a WAL segment: file=" + file + ", bytes=" + head.length);
    }
    PgWalPageHeader header = new PgWalPageHeader(head, 0);
    try {
      header.check(header.address);
    } catch (PgWalException e) {
      throw new PgWalException(Lsn.INVALID, e.reason() + ", file=" + file);
    }
    if (!header.isLong()) {
      throw new PgWalException(
          Lsn.INVALID, "file does not begin with a segment header: file=" + file);
    }
    return header.segmentBytes;
  }

  private static List<Segment> sort(List<Path> files, int segmentBytes) throws IOException {
    TreeMap<Lsn, Path> byStart = new TreeMap<>();
    TreeMap<Lsn, Long> timelines = new TreeMap<>();
    for (Path file : files) {
      PgWalSegmentName name = PgWalSegmentName.parse(String.valueOf(file.getFileName()));
      if (name == null) {
        throw new IllegalArgumentException(
            "not the name of a WAL segment, expected 24 hexadecimal digits: file=" + file);
      }
      long bytes = Files.size(file);
      if (bytes > segmentBytes) {
        throw new PgWalException(
            name.startLsn(segmentBytes),
            "file longer than a segment: file="
                + file
                + ", bytes="
                + bytes
                + ", segmentBytes="
                + segmentBytes);
      }
      Lsn start = name.startLsn(segmentBytes);
      if (timelines.getOrDefault(start, -1L) < name.timeline()) {
        timelines.put(start, name.timeline());
        byStart.put(start, file);
      }
    }
    return withoutGap(byStart, segmentBytes);
  }

  private static List<Segment> withoutGap(SortedMap<Lsn, Path> byStart, int segmentBytes) {
    List<Segment> segments = new ArrayList<>(byStart.size());
    Lsn expected = byStart.firstKey();
    for (var entry : byStart.entrySet()) {
      if (!entry.getKey().equals(expected)) {
        throw new IllegalArgumentException(
            "segment missing before this one: file="
                + entry.getValue()
                + ", expected="
                + expected
                + ", start="
                + entry.getKey());
      }
      segments.add(new Segment(entry.getValue(), entry.getKey()));
      expected = Lsn.of(expected.value() + segmentBytes);
    }
    return segments;
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
    return current < 0 ? null : segments.get(Math.min(current, segments.size() - 1)).file();
  }

  /** Returns why {@link #next()} gave nothing; without meaning before that. */
  public PgWalEnd end() {
    PgWalEnd known = cut;
    return known != null ? known : reader.end();
  }

  /**
   * Returns the next record, or null if there is none: {@link #end()} says why.
   *
   * @throws PgWalException if the bytes are not WAL that a server wrote
   */
  public @Nullable PgWalRecord next() throws IOException {
    PgWalRecord record = reader.next();
    while (record == null && reader.end().kind().isOpen() && feed()) {
      record = reader.next();
    }
    return record;
  }

  /** Reads on; false at the end of the last file. */
  private boolean feed() throws IOException {
    InputStream open = in;
    if (open == null) {
      return cut == null && openNext() && feed();
    }
    int length = open.readNBytes(chunk, 0, CHUNK_BYTES);
    if (length > 0) {
      reader.feed(Lsn.of(segments.get(current).startLsn().value() + position), chunk, 0, length);
      position += length;
      return true;
    }
    endFile();
    return feed();
  }

  private boolean openNext() throws IOException {
    do {
      if (current + 1 >= segments.size()) {
        return false;
      }
      current++;
    } while (PgLsns.segmentStart(reader.wantedLsn(), segmentBytes)
        .isAfter(segments.get(current).startLsn()));
    in = Files.newInputStream(segments.get(current).file());
    position = Math.max(0, reader.wantedLsn().value() - segments.get(current).startLsn().value());
    in.skipNBytes(Math.min(position, Files.size(segments.get(current).file())));
    return true;
  }

  private void endFile() throws IOException {
    close();
    if (position < segmentBytes) {
      cut =
          new PgWalEnd(
              PgWalEnd.Kind.TORN,
              reader.end().lsn(),
              "file ends before its segment does: file="
                  + segments.get(current).file()
                  + ", bytes="
                  + position
                  + ", segmentBytes="
                  + segmentBytes);
    }
  }

  @Override
  public void close() throws IOException {
    InputStream open = in;
    in = null;
    if (open != null) {
      open.close();
    }
  }
}
