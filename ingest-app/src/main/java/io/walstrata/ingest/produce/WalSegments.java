package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.WalArchive;
import io.walstrata.postgres.wal.WalException;
import io.walstrata.postgres.wal.WalFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Archived WAL segments in the order to read them, one file for each stretch of WAL. Immutable.
 *
 * <p>Of several timelines the newest is read, and those parts of its ancestors that its history
 * file names. {@code .partial} files are read only where no whole one follows; files at the end
 * that a server kept for later use are not read. A line is logged for every file that is left out.
 */
final class WalSegments {
  private static final Logger LOG = LoggerFactory.getLogger(WalSegments.class);

  private final WalArchive.Cluster cluster;
  private final TimelineHistory history;
  private final boolean historyKnown;
  private final List<WalFile> segments;

  private WalSegments(
      WalArchive.Cluster cluster,
      TimelineHistory history,
      boolean historyKnown,
      List<WalFile> segments) {
    this.cluster = cluster;
    this.history = history;
    this.historyKnown = historyKnown;
    this.segments = segments;
  }

  int segmentBytes() {
    return cluster.segmentBytes();
  }

  /** Returns the cluster's system identifier, from a segment's header. */
  long systemIdentifier() {
    return cluster.systemIdentifier();
  }

  TimelineHistory history() {
    return history;
  }

  /** Returns whether the history is from a file, or of the first timeline, which needs none. */
  boolean isHistoryKnown() {
    return historyKnown;
  }

  /** Returns the segments, ascending and without gaps; at least one. */
  List<WalFile> segments() {
    return segments;
  }

  /** Returns PostgreSQL's timeline in a segment's name. */
  private static int timeline(WalFile segment) {
    return (int) segment.name().timeline();
  }

  /**
   * Sorts files.
   *
   * @param paths segments, history files, and directories with such
   * @throws ProduceException if there are none, some do not belong together, or one is in a form
   *     that is not supported
   * @throws IOException if one cannot be read
   */
  static WalSegments of(Collection<Path> paths) throws IOException {
    try {
      return of(WalArchive.of(paths), paths);
    } catch (IllegalArgumentException e) {
      throw new ProduceException(
          ProduceException.Reason.SETTINGS, String.valueOf(e.getMessage()), e);
    } catch (WalException e) {
      throw new ProduceException(ProduceException.Reason.FAILED, e.reason(), e);
    }
  }

  private static WalSegments of(WalArchive archive, Collection<Path> paths) throws IOException {
    for (WalArchive.LeftOut file : archive.leftOut()) {
      LOG.atLevel(file.isUsual() ? org.slf4j.event.Level.INFO : org.slf4j.event.Level.WARN)
          .log("{}", file);
    }
    List<WalFile> all = archive.segments();
    if (all.isEmpty()) {
      throw ProduceException.settings("no WAL segments given: paths=" + paths);
    }
    WalArchive.Cluster cluster = WalArchive.cluster(all);
    int newest = (int) all.stream().mapToLong(file -> file.name().timeline()).max().orElseThrow();
    @Nullable Path historyFile = archive.history(Integer.toUnsignedLong(newest));
    boolean mixed = all.stream().anyMatch(file -> timeline(file) != newest);
    if (historyFile == null && mixed) {
      throw ProduceException.settings(
          String.format(
              "segments of several timelines, but no history of the newest: add %08X.history",
              newest));
    }
    TimelineHistory history =
        historyFile == null
            ? TimelineHistory.ofFirst(newest)
            : TimelineHistory.parse(newest, WalArchive.read(historyFile));
    return new WalSegments(
        cluster,
        history,
        historyFile != null || newest == 1,
        choose(all, history, cluster.segmentBytes()));
  }

  /** Picks one file for each number, and checks that none is missing. */
  private static List<WalFile> choose(List<WalFile> all, TimelineHistory history, int segmentBytes)
      throws IOException {
    TreeMap<Long, WalFile> byNumber = new TreeMap<>();
    Map<Long, WalFile> partial = new HashMap<>();
    for (WalFile segment : all) {
      // The timeline on which a segment ends: after a promotion its file repeats the older bytes.
      Lsn last = Lsn.of(segment.startLsn(segmentBytes).value() + (segmentBytes - 1));
      if (history.at(last) != timeline(segment)) {
        continue;
      }
      Map<Long, WalFile> kind = segment.isPartial() ? partial : byNumber;
      @Nullable WalFile twice = kind.put(segment.number(segmentBytes), segment);
      if (twice != null && !Files.isSameFile(twice.path(), segment.path())) {
        throw ProduceException.settings(
            "segment given twice: file=" + twice.path() + ", file=" + segment.path());
      }
    }
    removeUnused(byNumber, partial.isEmpty(), segmentBytes);
    long end = byNumber.isEmpty() ? Long.MIN_VALUE : byNumber.lastKey();
    partial.forEach(
        (number, segment) -> {
          if (number > end) {
            byNumber.put(number, segment);
          } else {
            LOG.info("left out: file={}, reason=not whole, and whole ones follow", segment.path());
          }
        });
    List<WalFile> chosen = List.copyOf(byNumber.values());
    if (chosen.isEmpty()) {
      throw ProduceException.settings(
          "no segment is part of the newest timeline's history: history=" + history);
    }
    requireNoGap(chosen, segmentBytes);
    return chosen;
  }

  /** Removes the last segments that are empty or hold older WAL: files kept for later use. */
  private static void removeUnused(
      NavigableMap<Long, WalFile> byNumber, boolean keepsFirst, int segmentBytes)
      throws IOException {
    while (byNumber.size() > (keepsFirst ? 1 : 0)) {
      WalFile last = byNumber.lastEntry().getValue();
      WalFile.Content content = last.content(segmentBytes);
      if (content == WalFile.Content.LOG) {
        return;
      }
      byNumber.pollLastEntry();
      LOG.info(
          "left out: file={}, reason={}",
          last.path(),
          content == WalFile.Content.BLANK ? "never written" : "WAL of an earlier segment");
    }
  }

  private static void requireNoGap(List<WalFile> chosen, int segmentBytes) {
    for (int i = 1; i < chosen.size(); i++) {
      WalFile before = chosen.get(i - 1);
      WalFile segment = chosen.get(i);
      long expected = before.number(segmentBytes) + 1;
      if (segment.number(segmentBytes) != expected) {
        throw ProduceException.failed(
            "WAL segments are missing: after="
                + (before.path() + ", before=" + segment.path())
                + (", missingLsn=" + Lsn.of(expected * segmentBytes)));
      }
    }
  }
}
