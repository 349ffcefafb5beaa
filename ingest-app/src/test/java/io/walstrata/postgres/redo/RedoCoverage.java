package io.walstrata.postgres.redo;

import io.walstrata.postgres.rmgr.WalText;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalRecord;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What was replayed of each type of record, and what became of it. Not thread-safe. */
final class RedoCoverage {
  /** One type of record of one major version. */
  static final class Row {
    final int rmgrId;
    final String type;
    final int major;
    int records;
    int restored;
    int replayed;
    int compared;
    int different;
    int withoutBase;
    int failed;
    final Map<Integer, Integer> comparedBlocks = new TreeMap<>();
    final Map<String, Integer> refusals = new LinkedHashMap<>();

    private Row(WalRecord record) {
      rmgrId = record.rmgrId();
      type = WalText.type(record);
      major = record.version().major();
    }

    /** Returns resource manager and type, for instance {@code Heap INSERT}. */
    String name() {
      return Rmgr.label(rmgrId) + " " + type;
    }

    void refused(String reason) {
      refusals.merge(reason, 1, Integer::sum);
    }

    int refusedCount() {
      return refusals.values().stream().mapToInt(Integer::intValue).sum();
    }

    @Override
    public String toString() {
      StringBuilder blocks = new StringBuilder();
      comparedBlocks.forEach((id, n) -> blocks.append(" #").append(id).append(':').append(n));
      return String.format(
          Locale.ROOT,
          "%-32s %4d %8d %8d %8d %8d %9d %8d %7d %6d %s",
          name(),
          major,
          records,
          restored,
          replayed,
          compared,
          different,
          withoutBase,
          refusedCount(),
          failed,
          blocks);
    }
  }

  static final String HEADING =
      String.format(
          Locale.ROOT,
          "%-32s %4s %8s %8s %8s %8s %9s %8s %7s %6s %s",
          "record",
          "rel.",
          "records",
          "restored",
          "replayed",
          "compared",
          "different",
          "no base",
          "refused",
          "failed",
          " compared by block reference");

  private final Map<String, Row> rows = new TreeMap<>();

  /** Returns the row of a record's type, a new one if it is the first. */
  Row row(WalRecord record) {
    // Not by the type's number: some types have a bit more when they have more parts.
    String key =
        String.format(
            Locale.ROOT,
            "%03d %s %d",
            record.rmgrId(),
            WalText.type(record),
            record.version().major());
    return rows.computeIfAbsent(key, k -> new Row(record));
  }

  Collection<Row> rows() {
    return rows.values();
  }

  /** Returns the table, and the reasons of refusals. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(HEADING).append('\n');
    for (Row row : rows.values()) {
      text.append(row).append('\n');
    }
    for (Row row : rows.values()) {
      row.refusals.forEach(
          (reason, count) ->
              text.append("refused: ")
                  .append(row.name())
                  .append(", release ")
                  .append(row.major)
                  .append(": ")
                  .append(count)
                  .append(" times ")
                  .append(reason)
                  .append('\n'));
    }
    return text.toString();
  }
}
