package io.walstrata.ingest.cli;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.rmgr.WalText;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.postgres.wal.WalSegmentReader;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.TreeMap;

/**
 * Counts records and their lengths, and prints the table that {@code pg_waldump --stats} prints.
 */
final class WalDumpStats implements WalDumpSink {
  private static final String HEAD = "%-27s %20s %8s %20s %8s %20s %8s %20s %8s%n";
  private static final String ROW =
      "%-27s %20d (%6.02f) %20d (%6.02f) %20d (%6.02f) %20d (%6.02f)%n";
  private static final String FOOT = "%-27s %20s %8s %20s %8s %20s %8s %20s%n";
  private static final String TOTAL = "%-27s %20d %-9s%20d %-9s%20d %-9s%20d %-6s%n";
  private static final int TYPES = 16;

  private final PrintWriter out;
  private final WalDumpCommand.StatsBy by;

  /** By resource manager, or by resource manager and type. */
  private final TreeMap<Integer, Counter> counters = new TreeMap<>();

  private final Counter total = new Counter("Total");
  private Lsn start = Lsn.INVALID;
  private Lsn end = Lsn.INVALID;

  private static final class Counter {
    final String name;
    long records;
    long recordBytes;
    long imageBytes;

    Counter(String name) {
      this.name = name;
    }

    void add(WalRecord record) {
      records++;
      recordBytes += record.totalLength() - record.imagesLength();
      imageBytes += record.imagesLength();
    }
  }

  WalDumpStats(PrintWriter out, WalDumpCommand.StatsBy by) {
    this.out = out;
    this.by = by;
    if (by == WalDumpCommand.StatsBy.RMGR) {
      for (String label : Rmgr.labels()) {
        counters.put(counters.size(), new Counter(label));
      }
    }
  }

  @Override
  public void begin(Lsn first) {
    start = first;
  }

  @Override
  public boolean add(WalRecord record, WalSegmentReader segments) {
    end = record.endLsn();
    total.add(record);
    counters.computeIfAbsent(key(record), key -> new Counter(name(record))).add(record);
    return true;
  }

  private int key(WalRecord record) {
    if (by == WalDumpCommand.StatsBy.RMGR) {
      return record.rmgrId();
    }
    // Transaction records have a flag where others have the upper bit of their type.
    int mask = Rmgr.of(record.rmgrId()) == Rmgr.TRANSACTION ? 0x07 : 0x0F;
    return record.rmgrId() * TYPES + (record.type() >>> 4 & mask);
  }

  private String name(WalRecord record) {
    String rmgr = Rmgr.label(record.rmgrId());
    return by == WalDumpCommand.StatsBy.RMGR ? rmgr : rmgr + "/" + WalText.type(record);
  }

  @Override
  public void finish() {
    if (total.records == 0) {
      return;
    }
    print("WAL statistics between %s and %s:%n", start, end);
    print(
        HEAD, "Type", "N", "(%)", "Record size", "(%)", "FPI size", "(%)", "Combined size", "(%)");
    print(
        HEAD, "----", "-", "---", "-----------", "---", "--------", "---", "-------------", "---");
    counters.values().forEach(this::row);
    String line = "--------";
    print(FOOT, "", line, "", line, "", line, "", line);
    long bytes = total.recordBytes + total.imageBytes;
    print(
        TOTAL,
        total.name,
        total.records,
        "",
        total.recordBytes,
        share(total.recordBytes, bytes),
        total.imageBytes,
        share(total.imageBytes, bytes),
        bytes,
        "[100%]");
    out.flush();
  }

  private void row(Counter counter) {
    long bytes = counter.recordBytes + counter.imageBytes;
    print(
        ROW,
        counter.name,
        counter.records,
        percent(counter.records, total.records),
        counter.recordBytes,
        percent(counter.recordBytes, total.recordBytes),
        counter.imageBytes,
        percent(counter.imageBytes, total.imageBytes),
        bytes,
        percent(bytes, total.recordBytes + total.imageBytes));
  }

  private void print(String format, Object... values) {
    out.printf(Locale.ROOT, format, values);
  }

  private static String share(long part, long whole) {
    return String.format(Locale.ROOT, "[%.02f%%]", percent(part, whole));
  }

  private static double percent(long part, long whole) {
    return whole == 0 ? 0 : 100.0 * part / whole;
  }
}
