package io.walstrata.postgres.redo;

import io.walstrata.postgres.wal.PgVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The table of {@code docs/redo.md}: which types of records are replayed, by version. Each line is
 * {@code | Heap INSERT | yes | yes | yes | yes |}, with {@code -} for a version that has no such
 * type.
 */
final class RedoTable {
  private static final Path DOCUMENT = Path.of("docs/redo.md");
  private static final String HEADING = "| record | 15 | 16 | 17 | 18 |";

  private final Map<String, Set<Integer>> versions = new LinkedHashMap<>();

  private RedoTable() {}

  /** Reads the table of the document. */
  static RedoTable ofDocument() throws IOException {
    RedoTable table = new RedoTable();
    boolean isInside = false;
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (line.equals(HEADING)) {
        isInside = true;
      } else if (isInside && !line.startsWith("|")) {
        break;
      } else if (isInside && !line.startsWith("|--")) {
        table.read(line);
      }
    }
    if (table.versions.isEmpty()) {
      throw new IllegalStateException("no table in the document: file=" + DOCUMENT);
    }
    return table;
  }

  private void read(String line) {
    List<String> cells = Arrays.stream(line.split("\\|")).map(String::strip).toList();
    Set<Integer> claimed = new TreeSet<>();
    for (PgVersion version : PgVersion.values()) {
      String cell = cells.get(2 + version.ordinal());
      if (cell.equals("yes")) {
        claimed.add(version.major());
      } else if (!cell.equals("-")) {
        throw new IllegalStateException("neither yes nor -: line=" + line);
      }
    }
    versions.put(cells.get(1), claimed);
  }

  /** Makes the table of what was replayed, and never refused, in any of the runs. */
  static RedoTable of(List<RedoCoverage> runs) {
    Map<String, RedoCoverage.Row> first = new LinkedHashMap<>();
    Map<String, Set<Integer>> replayed = new LinkedHashMap<>();
    Map<String, Set<Integer>> refused = new LinkedHashMap<>();
    List<RedoCoverage.Row> rows = new ArrayList<>();
    runs.forEach(run -> rows.addAll(run.rows()));
    for (RedoCoverage.Row row : rows) {
      first.putIfAbsent(row.name(), row);
      if (row.replayed > 0) {
        replayed.computeIfAbsent(row.name(), name -> new TreeSet<>()).add(row.major);
      }
      if (row.refusedCount() + row.failed + row.different > 0) {
        refused.computeIfAbsent(row.name(), name -> new TreeSet<>()).add(row.major);
      }
    }
    RedoTable table = new RedoTable();
    first.entrySet().stream()
        .sorted(
            Map.Entry.<String, RedoCoverage.Row>comparingByValue(
                    Comparator.comparingInt(row -> row.rmgrId))
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(
            each -> {
              Set<Integer> claimed = new TreeSet<>(replayed.getOrDefault(each.getKey(), Set.of()));
              claimed.removeAll(refused.getOrDefault(each.getKey(), Set.of()));
              if (!claimed.isEmpty()) {
                table.versions.put(each.getKey(), claimed);
              }
            });
    return table;
  }

  /** Returns the major versions for which a type of record is claimed; empty if for none. */
  Set<Integer> versions(String name) {
    return versions.getOrDefault(name, Set.of());
  }

  /** Returns what is claimed here and not in another table, as {@code Heap INSERT 18}. */
  List<String> withoutThoseOf(RedoTable other) {
    List<String> missing = new ArrayList<>();
    versions.forEach(
        (name, claimed) ->
            claimed.stream()
                .filter(version -> !other.versions(name).contains(version))
                .forEach(version -> missing.add(name + " " + version)));
    return missing;
  }

  /** Returns the table as it is in the document. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(HEADING).append("\n|---|---|---|---|---|\n");
    versions.forEach(
        (name, claimed) -> {
          text.append("| ").append(name).append(" |");
          for (PgVersion version : PgVersion.values()) {
            text.append(claimed.contains(version.major()) ? " yes |" : " - |");
          }
          text.append('\n');
        });
    return text.toString();
  }
}
