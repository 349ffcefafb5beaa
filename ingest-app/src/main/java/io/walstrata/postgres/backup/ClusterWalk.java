package io.walstrata.postgres.backup;

import io.walstrata.postgres.backup.ClusterFiles.Item;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.Slru;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files of a cluster that become versions, in the order of their keys. Holds the list of one
 * directory at a time.
 */
final class ClusterWalk {
  private static final Comparator<Found> BY_KEY =
      Comparator.comparingLong((Found f) -> f.file().number())
          .thenComparingInt(f -> f.file().fork())
          .thenComparingLong(f -> f.file().segment());

  private final ClusterFiles files;
  private final String tablespaceSuffix;

  /**
   * @param catalogVersion of the cluster: a tablespace may hold directories of other clusters
   */
  ClusterWalk(ClusterFiles files, int catalogVersion) {
    this.files = files;
    this.tablespaceSuffix = "_" + Integer.toUnsignedString(catalogVersion);
  }

  /**
   * A file that was listed.
   *
   * @param bytes its length then
   */
  record Found(ClusterFile file, long bytes) {}

  /** Takes what is found. */
  interface Visitor {
    /** Takes the segments of a relation's fork, the first first. */
    void fork(List<Found> segments) throws IOException;

    /** Takes another file. */
    void file(Found file) throws IOException;
  }

  /** Visits every file. */
  void visit(Visitor visitor) throws IOException {
    for (long db : numbers("base")) {
      database("base/" + db, visitor);
    }
    database("global", visitor);
    for (long spc : numbers("pg_tblspc")) {
      tablespace("pg_tblspc/" + spc, visitor);
    }
    for (Slru slru : Slru.values()) {
      others(ClusterFile.SLRU_DIRECTORIES.getOrDefault(slru, ""), visitor);
    }
    others(ClusterFile.TWO_PHASE, visitor);
    for (Found found : list("global", ClusterFile.Kind.CONTROL_FILE)) {
      visitor.file(found);
    }
  }

  /** Returns how many pages the files have, as they are listed now. */
  long countPages() throws IOException {
    long[] pages = {0};
    visit(
        new Visitor() {
          @Override
          public void fork(List<Found> segments) {
            segments.forEach(this::add);
          }

          @Override
          public void file(Found file) {
            add(file);
          }

          private void add(Found found) {
            pages[0] += found.file().kind().hasPages() ? found.bytes() / Page.BYTES : 1;
          }
        });
    return pages[0];
  }

  private void tablespace(String directory, Visitor visitor) throws IOException {
    for (Item item : files.list(directory)) {
      if (item.isDirectory() && item.name().endsWith(tablespaceSuffix)) {
        String version = directory + "/" + item.name();
        for (long db : numbers(version)) {
          database(version + "/" + db, visitor);
        }
      }
    }
  }

  private void database(String directory, Visitor visitor) throws IOException {
    for (Found found : list(directory, ClusterFile.Kind.RELATION_MAP)) {
      visitor.file(found);
    }
    List<Found> relations = list(directory, ClusterFile.Kind.RELATION);
    Set<Long> unlogged = new HashSet<>();
    for (Found found : relations) {
      if (found.file().fork() == ClusterFile.INIT_FORK) {
        unlogged.add(found.file().number());
      }
    }
    List<Found> fork = new ArrayList<>();
    for (Found found : relations) {
      if (isLogged(found.file(), unlogged)) {
        if (!fork.isEmpty() && !fork.get(0).file().isSameFork(found.file())) {
          visitor.fork(fork);
          fork.clear();
        }
        fork.add(found);
      }
    }
    if (!fork.isEmpty()) {
      visitor.fork(fork);
    }
  }

  /** Returns whether a file is in the WAL: of an unlogged relation only the init fork is. */
  static boolean isLogged(ClusterFile file, Set<Long> unlogged) {
    return file.fork() == ClusterFile.INIT_FORK || !unlogged.contains(file.number());
  }

  private void others(String directory, Visitor visitor) throws IOException {
    for (Found found : list(directory, null)) {
      visitor.file(found);
    }
  }

  private List<Found> list(String directory, ClusterFile.@Nullable Kind kind) throws IOException {
    List<Found> found = new ArrayList<>();
    for (Item item : files.list(directory)) {
      ClusterFile file = item.isDirectory() ? null : ClusterFile.of(directory + "/" + item.name());
      if (file != null && (kind == null || kind == file.kind())) {
        found.add(new Found(file, item.bytes()));
      }
    }
    found.sort(BY_KEY);
    return found;
  }

  /** Returns the directories that are named after an OID, ascending. */
  private List<Long> numbers(String directory) throws IOException {
    List<Long> numbers = new ArrayList<>();
    for (Item item : files.list(directory)) {
      if (item.isDirectory() && item.name().matches("[1-9][0-9]{0,9}")) {
        numbers.add(Long.parseLong(item.name()));
      }
    }
    numbers.sort(Comparator.naturalOrder());
    return numbers;
  }
}
