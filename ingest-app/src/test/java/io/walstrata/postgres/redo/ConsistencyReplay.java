package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.rmgr.PageVersion;
import io.walstrata.postgres.rmgr.WalEffects;
import io.walstrata.postgres.rmgr.WalText;
import io.walstrata.postgres.wal.BlockReference;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordLimits;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalArchive;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.postgres.wal.WalSegmentReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Replays a log that a server wrote with {@code wal_consistency_checking=all}: each record has the
 * pages as they are after it, and each replayed page is compared with its own, under {@link Masks}.
 * After a difference or a refusal the record's page is taken, so that one fault is reported once.
 *
 * <p>See {@link RedoCheck} for how to run it. Not thread-safe.
 */
final class ConsistencyReplay {
  private static final int MAX_LINE = 1500;

  private final WalText text = new WalText(ZoneOffset.UTC);
  private final ReplayedPages pages = new ReplayedPages();
  private final RedoCoverage coverage = new RedoCoverage();
  private final Map<String, List<String>> differences = new LinkedHashMap<>();

  /**
   * Maps of which the log has less than the server: where a database is copied by the log, the
   * image of a map leaves its bits out as if they were a hole. Recovery has none of them either.
   */
  private final Set<PageKey> mapsWithoutBits = new HashSet<>();

  private final Set<Rmgr> only;
  private final int maxDifferences;

  /**
   * @param only the resource managers whose records are compared; pages that other records changed
   *     are taken from the log. Empty for all
   * @param maxDifferences how many are described for each type of record; all are counted
   */
  ConsistencyReplay(Set<Rmgr> only, int maxDifferences) {
    this.only = only;
    this.maxDifferences = maxDifferences;
  }

  /** Replays all segments in a directory. */
  void replay(Path directory) throws IOException {
    try (WalSegmentReader reader =
        WalSegmentReader.open(
            WalArchive.of(List.of(directory)).segments(), Lsn.INVALID, RecordLimits.NONE)) {
      for (WalRecord record = reader.next(); record != null; record = reader.next()) {
        replay(record);
      }
    }
  }

  RedoCoverage coverage() {
    return coverage;
  }

  /** Returns descriptions of the differences, by type of record. */
  Map<String, List<String>> differences() {
    return differences;
  }

  void replay(WalRecord record) throws IOException {
    boolean isCounted = only.isEmpty() || only.contains(Rmgr.of(record.rmgrId()));
    RedoCoverage.Row row = isCounted ? coverage.row(record) : null;
    if (row != null) {
      row.records++;
    }
    WalEffects effects = pages.add(record);
    for (PageVersion version : effects.versions()) {
      apply(record, row, version.key(), new Version(effects.lsn(), version.value()));
    }
    for (BlockReference block : record.blocks()) {
      if (block.hasImage() && !block.isImageApplied()) {
        compare(record, row, block);
      }
    }
  }

  private void apply(WalRecord record, RedoCoverage.@Nullable Row row, PageKey key, Version version)
      throws IOException {
    if (!ReplayedPages.isPage(key)) {
      return;
    }
    RedoResult result;
    try {
      result = pages.replay(key, version);
    } catch (RuntimeException e) {
      pages.forget(key);
      if (row != null) {
        row.failed++;
        report(record, row, key, "redo threw " + trace(e));
      }
      return;
    }
    keep(record, row, key, result);
  }

  private void keep(
      WalRecord record, RedoCoverage.@Nullable Row row, PageKey key, RedoResult result) {
    if (result instanceof RedoResult.Page page) {
      pages.put(key, record.endLsn(), page.bytes());
      BlockReference image = appliedImage(record, key);
      if (image != null) {
        noteMap(key, image);
      }
      if (row != null && image != null) {
        row.restored++;
      } else if (row != null) {
        row.replayed++;
      }
      return;
    }
    pages.forget(key);
    if (row == null) {
      return;
    }
    if (result instanceof RedoResult.Refused refused) {
      switch (refused.reason()) {
        case MISSING_BASE, BEFORE_HISTORY -> row.withoutBase++;
        case DAMAGED_RECORD, DOES_NOT_FIT -> {
          row.failed++;
          report(record, row, key, "refused: " + refused.reason() + ": " + refused.detail());
        }
        default -> row.refused(refused.reason() + ": " + refused.detail());
      }
    } else {
      row.refused("absent");
    }
  }

  private void noteMap(PageKey key, BlockReference image) {
    if (image.fork() == PgKeys.VM_FORK && image.holeLength() > 0) {
      mapsWithoutBits.add(key);
    } else {
      mapsWithoutBits.remove(key);
    }
  }

  /** Returns the reference that brings the page itself; null if the record has none. */
  private static @Nullable BlockReference appliedImage(WalRecord record, PageKey key) {
    for (BlockReference block : record.blocks()) {
      if (block.isImageApplied() && key.equals(key(block))) {
        return block;
      }
    }
    return null;
  }

  private static PageKey key(BlockReference block) {
    return PgKeys.block(block.spc(), block.db(), block.rel(), block.fork(), block.block());
  }

  static String trace(RuntimeException e) {
    StringBuilder trace = new StringBuilder(e.toString());
    StackTraceElement[] frames = e.getStackTrace();
    for (int i = 0; i < Math.min(8, frames.length); i++) {
      trace.append("\n    at ").append(frames[i]);
    }
    return trace.toString();
  }

  private void compare(WalRecord record, RedoCoverage.@Nullable Row row, BlockReference block) {
    PageKey key = key(block);
    Version replayed = pages.newest(key);
    byte[] expected = block.image();
    Page after = new Page(expected);
    if (!after.isNew()) {
      after.setLsn(record.endLsn().value());
    }
    boolean isKnown =
        (block.fork() != PgKeys.VM_FORK || block.holeLength() == 0)
            && !mapsWithoutBits.contains(key);
    if (replayed != null && row != null && isKnown) {
      row.compared++;
      row.comparedBlocks.merge(block.id(), 1, Integer::sum);
      String difference = difference(record, block, replayed.value().bytes(), expected);
      if (difference == null) {
        return;
      }
      row.different++;
      report(record, row, key, "block #" + block.id() + " " + difference);
    }
    if (isKnown) {
      pages.put(key, record.endLsn(), expected);
    }
  }

  private static @Nullable String difference(
      WalRecord record, BlockReference block, byte[] replayed, byte[] expected) {
    byte[] ours = replayed.clone();
    byte[] theirs = expected.clone();
    try {
      Masks.apply(record.rmgrId(), block.fork(), block.block(), ours);
      Masks.apply(record.rmgrId(), block.fork(), block.block(), theirs);
    } catch (RuntimeException e) {
      return "cannot be masked, the page is damaged: " + trace(e);
    }
    return PageDifference.of(ours, theirs);
  }

  private void report(WalRecord record, RedoCoverage.Row row, PageKey key, String what) {
    List<String> list =
        differences.computeIfAbsent(
            row.name() + ", release " + row.major, name -> new ArrayList<>());
    if (list.size() < maxDifferences) {
      String line = text.line(record);
      list.add(
          line.substring(0, Math.min(MAX_LINE, line.length()))
              + "\n  key "
              + key.describe()
              + ", end "
              + record.endLsn()
              + "\n  "
              + what);
    }
  }

  /** Returns the coverage and the differences. */
  String report() {
    StringBuilder report = new StringBuilder();
    differences.forEach(
        (name, list) -> {
          report.append("== ").append(name).append('\n');
          list.forEach(each -> report.append(each).append("\n\n"));
        });
    return report.append(coverage).toString();
  }

  /**
   * Returns how many pages differed, and how often redo threw or found a record of the server
   * damaged or not fitting.
   */
  int faults() {
    return coverage.rows().stream().mapToInt(row -> row.different + row.failed).sum();
  }
}
