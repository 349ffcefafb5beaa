package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Archived WAL segments, sorted: of each stretch of log the file to read it from. Immutable.
 *
 * <p>Of several timelines the newest counts, and of its ancestors what its history file says.
 * Backup labels are passed over; {@code .partial} files count only where no whole one follows;
 * compressed files are refused.
 */
final class WalSegments {
  private static final Pattern SEGMENT =
      Pattern.compile("([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(\\.partial)?");
  private static final Pattern HISTORY = Pattern.compile("([0-9A-F]{8})\\.history");
  private static final Pattern LABEL = Pattern.compile("[0-9A-F]{24}\\.[0-9A-F]{8}\\.backup");
  private static final Pattern COMPRESSED =
      Pattern.compile("([0-9A-F]{24}(?:\\.partial)?)\\.(gz|bz2|xz|lz4|zst|zstd|7z|zip)");

  private static final int HEADER_BYTES = 40;
  private static final int HAS_LONG_HEADER = 2;
  private static final int MIN_SEGMENT = 1 << 20;
  private static final int MAX_SEGMENT = 1 << 30;

  /**
   * One segment.
   *
   * @param timeline PostgreSQL's timeline in its name
   * @param number its place: start LSN divided by the segment size
   * @param file where it is
   * @param isPartial whether the name says that it was not finished
   */
  record Segment(int timeline, long number, Path file, boolean isPartial) {
    Lsn startLsn(int segmentBytes) {
      return Lsn.of(number * segmentBytes);
    }
  }

  private final int segmentBytes;
  private final long systemIdentifier;
  private final TimelineHistory history;
  private final boolean historyKnown;
  private final List<Segment> segments;

  private WalSegments(
      int segmentBytes,
      long systemIdentifier,
      TimelineHistory history,
      boolean historyKnown,
      List<Segment> segments) {
    this.segmentBytes = segmentBytes;
    this.systemIdentifier = systemIdentifier;
    this.history = history;
    this.historyKnown = historyKnown;
    this.segments = segments;
  }

  int segmentBytes() {
    return segmentBytes;
  }

  /** Returns the cluster's system identifier, from the first segment's header. */
  long systemIdentifier() {
    return systemIdentifier;
  }

  TimelineHistory history() {
    return history;
  }

  /** Returns whether the history is from a file, or of the first timeline, which needs none. */
  boolean isHistoryKnown() {
    return historyKnown;
  }

  /** Returns the segments, ascending and without gaps; at least one. */
  List<Segment> segments() {
    return segments;
  }

  /**
   * Sorts files.
   *
   * @param paths segments, history files, and directories with such
   * @throws ProduceException if there are none, some do not fit together, or one is compressed
   * @throws IOException if one cannot be read
   */
  static WalSegments of(Collection<Path> paths) throws IOException {
    Collector collector = new Collector();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
          for (Path entry : entries) {
            collector.add(entry, /* named= */ false);
          }
        }
      } else if (Files.exists(path)) {
        collector.add(path, /* named= */ true);
      } else {
        throw ProduceException.settings("no such file: file=" + path);
      }
    }
    return collector.build();
  }

  private static final class Collector {
    private final List<Path> files = new ArrayList<>();
    private final Map<Integer, Path> histories = new TreeMap<>();

    void add(Path file, boolean named) {
      String name = String.valueOf(file.getFileName());
      Matcher history = HISTORY.matcher(name);
      Matcher compressed = COMPRESSED.matcher(name);
      if (history.matches()) {
        histories.put(Integer.parseUnsignedInt(history.group(1), 16), file);
      } else if (compressed.matches()) {
        throw ProduceException.settings("compressed WAL segment, unpack it first: file=" + file);
      } else if (SEGMENT.matcher(name).matches()) {
        files.add(file);
      } else if (named && !LABEL.matcher(name).matches()) {
        throw ProduceException.settings(
            "not a WAL segment by its name, expected 24 hex digits: file=" + file);
      }
    }

    WalSegments build() throws IOException {
      if (files.isEmpty()) {
        throw ProduceException.settings("no WAL segments given");
      }
      Header header = Header.read(files.get(0));
      List<Segment> all = new ArrayList<>();
      for (Path file : files) {
        all.add(segment(file, header.segmentBytes));
      }
      int newest = all.stream().mapToInt(Segment::timeline).max().orElseThrow();
      Path historyFile = histories.get(newest);
      boolean mixed = all.stream().anyMatch(s -> s.timeline != newest);
      if (historyFile == null && mixed) {
        throw ProduceException.settings(
            String.format(
                "segments of several timelines, but no history of the newest: add %08X.history",
                newest));
      }
      TimelineHistory history =
          historyFile == null
              ? TimelineHistory.ofFirst(newest)
              : TimelineHistory.parse(newest, Files.readString(historyFile));
      List<Segment> chosen = choose(all, history, header.segmentBytes);
      return new WalSegments(
          header.segmentBytes,
          header.systemIdentifier,
          history,
          historyFile != null || newest == 1,
          chosen);
    }

    private static Segment segment(Path file, int segmentBytes) {
      Matcher name = SEGMENT.matcher(String.valueOf(file.getFileName()));
      if (!name.matches()) {
        throw new IllegalStateException("not a segment: file=" + file);
      }
      long perHigh = (1L << 32) / segmentBytes;
      long number = Long.parseLong(name.group(2), 16) * perHigh + Long.parseLong(name.group(3), 16);
      return new Segment(
          Integer.parseUnsignedInt(name.group(1), 16), number, file, name.group(4) != null);
    }
  }

  /** Picks one file for each number, and checks that none is missing. */
  private static List<Segment> choose(
      List<Segment> all, TimelineHistory history, int segmentBytes) {
    Map<Long, Segment> byNumber = new TreeMap<>();
    Map<Long, Segment> partial = new HashMap<>();
    for (Segment segment : all) {
      // The timeline on which a segment ends: after a promotion its file repeats the older bytes.
      Lsn last = Lsn.of((segment.number + 1) * segmentBytes - 1);
      if (history.at(last) != segment.timeline) {
        continue;
      }
      if (segment.isPartial) {
        partial.put(segment.number, segment);
        continue;
      }
      Segment twice = byNumber.put(segment.number, segment);
      if (twice != null && !twice.file.toAbsolutePath().equals(segment.file.toAbsolutePath())) {
        throw ProduceException.settings(
            "segment given twice: file=" + twice.file + ", file=" + segment.file);
      }
    }
    long end = byNumber.keySet().stream().mapToLong(n -> n).max().orElse(Long.MIN_VALUE);
    partial.values().stream()
        .filter(segment -> segment.number > end)
        .forEach(segment -> byNumber.put(segment.number, segment));
    List<Segment> chosen = List.copyOf(byNumber.values());
    if (chosen.isEmpty()) {
      throw ProduceException.settings(
          "no segment is part of the newest timeline's history: history=" + history);
    }
    requireNoGap(chosen, segmentBytes);
    return chosen;
  }

  private static void requireNoGap(List<Segment> chosen, int segmentBytes) {
    for (int i = 1; i < chosen.size(); i++) {
      Segment before = chosen.get(i - 1);
      Segment segment = chosen.get(i);
      if (segment.number != before.number + 1) {
        throw ProduceException.failed(
            "WAL segments are missing: after="
                + (before.file + ", before=" + segment.file)
                + (", missingLsn=" + Lsn.of((before.number + 1) * segmentBytes)));
      }
    }
  }

  /** Returns whether a file holds the log that its name says, or is kept for later use only. */
  static boolean holdsLog(Segment segment, int segmentBytes) throws IOException {
    ByteBuffer bytes = firstBytes(segment.file);
    return bytes.position() == HEADER_BYTES
        && bytes.getLong(8) == segment.startLsn(segmentBytes).value();
  }

  private static ByteBuffer firstBytes(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(file)) {
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // Read on.
      }
    }
    return bytes;
  }

  /** What a segment's first page says. */
  private record Header(int segmentBytes, long systemIdentifier) {
    static Header read(Path file) throws IOException {
      ByteBuffer bytes = firstBytes(file);
      int size = bytes.position() < HEADER_BYTES ? 0 : bytes.getInt(32);
      boolean isLong = (bytes.getShort(2) & HAS_LONG_HEADER) != 0;
      if (!isLong || size < MIN_SEGMENT || size > MAX_SEGMENT || Integer.bitCount(size) != 1) {
        throw ProduceException.failed("file does not begin like a WAL segment: file=" + file);
      }
      return new Header(size, bytes.getLong(24));
    }
  }
}
