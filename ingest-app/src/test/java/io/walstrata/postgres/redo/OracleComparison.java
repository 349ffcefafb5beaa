package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.rmgr.WalText;
import io.walstrata.postgres.wal.PgKeys;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares the pages that a server recovered to an LSN with those that redo makes of the same base
 * and log: every byte but checksum, hole and padding.
 */
final class OracleComparison {
  private static final int MAX_RECORDS_SHOWN = 6;

  private final PostgresRedo redo = new PostgresRedo();
  private final LogHistory history;
  private final int maxDifferences;
  private final Map<String, Integer> counts = new TreeMap<>();
  private final Map<String, Integer> refusals = new TreeMap<>();
  private final Map<String, List<String>> differences = new TreeMap<>();
  private int faults;

  OracleComparison(LogHistory history, int maxDifferences) {
    this.history = history;
    this.maxDifferences = maxDifferences;
  }

  /**
   * Compares all pages as of an LSN.
   *
   * @param recovered what the server made
   */
  void compare(ClusterFiles recovered, Lsn asOf) throws IOException {
    for (Map.Entry<PageKey, byte[]> each : recovered.pages().entrySet()) {
      PageKey key = each.getKey();
      if (!isFreeSpaceMap(key)) {
        compare(key, each.getValue(), asOf);
      }
    }
    for (Map.Entry<PageKey, Long> each : recovered.sizes().entrySet()) {
      if (!isFreeSpaceMap(each.getKey())) {
        compareSize(each.getKey(), each.getValue(), asOf);
      }
    }
    for (PageKey key : history.all().keySet()) {
      if (ReplayedPages.isPage(key)
          && !isFreeSpaceMap(key)
          && !recovered.pages().containsKey(key)
          && redo.redo(history.versions(key, asOf)) instanceof RedoResult.Page) {
        fault("page only in ours, " + area(key), key, asOf, "the server has no such page");
      }
    }
  }

  private void compareSize(PageKey key, long expected, Lsn asOf) throws IOException {
    ForkSize size = ForkSizes.of(history, key, asOf);
    if (size.equals(new ForkSize.Known(expected, ForkSize.Bound.EXACT))) {
      counts.merge("equal, size of fork " + key.fork(), 1, Integer::sum);
    } else {
      fault("different, size of fork " + key.fork(), key, asOf, size + ", server=" + expected);
    }
  }

  private static boolean isFreeSpaceMap(PageKey key) {
    return key.kind() == 0 && key.fork() == PgKeys.FSM_FORK;
  }

  private void compare(PageKey key, byte[] expected, Lsn asOf) throws IOException {
    RedoRequest request = history.versions(key, asOf);
    RedoResult result;
    try {
      result = redo.redo(request);
    } catch (RuntimeException e) {
      fault("threw, " + area(key), key, asOf, ConsistencyReplay.trace(e));
      return;
    }
    if (result instanceof RedoResult.Page page) {
      String difference = difference(key, page.bytes(), expected);
      if (difference == null) {
        counts.merge(
            "equal, " + area(key) + (request.records().isEmpty() ? "" : ", replayed"),
            1,
            Integer::sum);
      } else {
        fault("different, " + area(key), key, asOf, difference);
      }
    } else if (result instanceof RedoResult.Refused refused) {
      counts.merge("refused, " + area(key), 1, Integer::sum);
      refusals.merge(
          area(key) + ": " + refused.reason() + ": " + refused.detail(), 1, Integer::sum);
    } else if (isZero(expected)) {
      counts.merge("absent and zero, " + area(key), 1, Integer::sum);
    } else if (PageKind.of(key) == PageKind.TWO_PHASE && isAsInBase(key, expected)) {
      // A server does not remove the file of a transaction that was prepared after the start of
      // the backup which has it.
      counts.merge("absent, left over by the server, " + area(key), 1, Integer::sum);
    } else {
      fault("absent, " + area(key), key, asOf, result.toString());
    }
  }

  private boolean isAsInBase(PageKey key, byte[] file) {
    List<Version> versions = history.all().getOrDefault(key, List.of());
    if (versions.isEmpty()) {
      return false;
    }
    Value first = versions.get(0).value();
    return first.kind() == ValueKind.IMAGE && Arrays.equals(first.bytes(), file);
  }

  private static boolean isZero(byte[] bytes) {
    for (byte each : bytes) {
      if (each != 0) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable String difference(PageKey key, byte[] replayed, byte[] expected) {
    byte[] ours = replayed.clone();
    byte[] theirs = expected.clone();
    if (PageKind.of(key) == PageKind.RELATION) {
      PageLayout.blank(ours);
      PageLayout.blank(theirs);
    } else if (PageKind.of(key) == PageKind.VISIBILITY_MAP) {
      PageLayout.blankChecksum(ours);
      PageLayout.blankChecksum(theirs);
    }
    return PageDifference.of(ours, theirs);
  }

  private void fault(String name, PageKey key, Lsn asOf, String what) {
    faults++;
    counts.merge(name, 1, Integer::sum);
    List<String> list = differences.computeIfAbsent(name, n -> new ArrayList<>());
    if (list.size() < maxDifferences) {
      list.add(key.describe() + " as of " + asOf + "\n  " + what + records(key, asOf));
    }
  }

  private String records(PageKey key, Lsn asOf) {
    RedoRequest request = history.versions(key, asOf);
    List<Version> records = request.records();
    StringBuilder text = new StringBuilder();
    Version base = request.base();
    text.append("\n  base ").append(base == null ? "none" : base.lsn().toString());
    text.append(", records ").append(records.size()).append(", the last of them:");
    for (int i = Math.max(0, records.size() - MAX_RECORDS_SHOWN); i < records.size(); i++) {
      Value value = records.get(i).value();
      Lsn lsn = records.get(i).lsn();
      String line = WalText.describeValue(value, lsn);
      text.append("\n    ").append(lsn).append(' ');
      text.append(line, 0, Math.min(line.length(), 300));
    }
    return text.toString();
  }

  private static String area(PageKey key) {
    return switch (PageKind.of(key)) {
      case RELATION -> key.fork() == PgKeys.MAIN_FORK ? "main" : "init";
      case SLRU -> "slru " + key.spc();
      default -> PageKind.of(key).toString();
    };
  }

  int faults() {
    return faults;
  }

  Map<String, Integer> refusals() {
    return refusals;
  }

  /** Returns the differences and the counts. */
  String report() {
    StringBuilder report = new StringBuilder();
    differences.forEach(
        (name, list) -> {
          report.append("== ").append(name).append('\n');
          list.forEach(each -> report.append(each).append("\n\n"));
        });
    counts.forEach((name, count) -> report.append(String.format("%8d %s%n", count, name)));
    refusals.forEach(
        (what, count) -> report.append(String.format("%8d refused %s%n", count, what)));
    return report.toString();
  }
}
