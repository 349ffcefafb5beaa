package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.Slru;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The pages in the files of a server that does not run, by their keys. */
final class ClusterFiles {
  private static final int DEFAULT_TABLESPACE = 1663;
  private static final int GLOBAL_TABLESPACE = 1664;
  private static final long BLOCKS_PER_FILE = 131_072;
  private static final int CHECKPOINT_AT = 32;
  private static final int REDO_AT = 40;
  private static final Pattern START = Pattern.compile("START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+)");
  private static final Pattern RELATION = Pattern.compile("(\\d+)(_vm|_init|_fsm)?(?:\\.(\\d+))?");
  private static final Pattern PLACE =
      Pattern.compile("global|base/(\\d+)|pg_tblspc/(\\d+)/PG_[^/]+/(\\d+)");

  private final Path data;
  private final TreeMap<PageKey, byte[]> pages = new TreeMap<>();
  private final TreeMap<PageKey, Long> sizes = new TreeMap<>();

  private ClusterFiles(Path data) {
    this.data = data;
  }

  /** Reads all relations, transaction status areas, relation maps and prepared transactions. */
  static ClusterFiles read(Path data) throws IOException {
    ClusterFiles files = new ClusterFiles(data);
    try (Stream<Path> all = Files.walk(data, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        files.add(file);
      }
    }
    return files;
  }

  /** Returns the pages; also the relation maps and the files of prepared transactions. */
  TreeMap<PageKey, byte[]> pages() {
    return pages;
  }

  /** Returns how many blocks each fork has, by the key of its size. */
  TreeMap<PageKey, Long> sizes() {
    return sizes;
  }

  byte[] controlFile() throws IOException {
    return Files.readAllBytes(data.resolve("global/pg_control"));
  }

  /** Returns where recovery of these files begins: the redo of a checkpoint. */
  Lsn redoStart() throws IOException {
    Path label = data.resolve("backup_label");
    if (Files.exists(label)) {
      Matcher matcher = START.matcher(Files.readString(label));
      if (!matcher.find()) {
        throw new IOException("no start in the backup's label: file=" + label);
      }
      return Lsn.parse(matcher.group(1));
    }
    return Lsn.of(LittleEndian.i64(controlFile(), REDO_AT));
  }

  /** Returns an LSN from which on the files can be recovered: no page is of a later time. */
  Lsn consistentAt() throws IOException {
    return Files.exists(data.resolve("backup_label"))
        ? Lsn.of(LittleEndian.i64(controlFile(), CHECKPOINT_AT))
        : redoStart();
  }

  /** Adds all that the files have to a history, as a base backup would be. */
  void addTo(LogHistory history) throws IOException {
    Lsn start = redoStart();
    pages.forEach((key, page) -> history.add(key, new Version(start, Value.image(page))));
    sizes.forEach(
        (key, blocks) -> {
          byte[] bytes = new byte[4];
          LittleEndian.putU16(bytes, 0, (int) (blocks & 0xFFFF));
          LittleEndian.putU16(bytes, 2, (int) (blocks >>> 16));
          history.add(key, new Version(start, Value.image(bytes)));
        });
    history.add(PgKeys.CONTROL_FILE, new Version(start, Value.image(controlFile())));
  }

  private void add(Path file) throws IOException {
    Path relative = data.relativize(file);
    String place = relative.getNameCount() < 2 ? "" : relative.getParent().toString();
    String name = file.getFileName().toString();
    switch (place) {
      case "pg_xact" -> slru(Slru.CLOG, file, name);
      case "pg_multixact/offsets" -> slru(Slru.MULTIXACT_OFFSETS, file, name);
      case "pg_multixact/members" -> slru(Slru.MULTIXACT_MEMBERS, file, name);
      case "pg_commit_ts" -> slru(Slru.COMMIT_TS, file, name);
      case "pg_twophase" -> {
        long xid = Long.parseLong(name, 16) & 0xFFFFFFFFL;
        pages.put(PgKeys.twoPhase(xid), Files.readAllBytes(file));
      }
      default -> {
        Matcher matcher = PLACE.matcher(place);
        if (matcher.matches()) {
          inDatabase(matcher, file, name);
        }
      }
    }
  }

  private void slru(Slru slru, Path file, String name) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    long first = Long.parseLong(name, 16) * Slru.PAGES_PER_SEGMENT;
    for (int i = 0; i < bytes.length / Page.BYTES; i++) {
      pages.put(PgKeys.slru(slru, first + i), page(bytes, i));
    }
  }

  private void inDatabase(Matcher place, Path file, String name) throws IOException {
    boolean isGlobal = place.group().equals("global");
    long spc =
        place.group(2) != null
            ? Long.parseLong(place.group(2))
            : isGlobal ? GLOBAL_TABLESPACE : DEFAULT_TABLESPACE;
    String database = place.group(1) != null ? place.group(1) : place.group(3);
    long db = database == null ? 0 : Long.parseLong(database);
    if (name.equals("pg_filenode.map")) {
      pages.put(PgKeys.relationMap(spc, db), Files.readAllBytes(file));
      return;
    }
    Matcher matcher = RELATION.matcher(name);
    if (!matcher.matches()) {
      return;
    }
    int fork = fork(matcher.group(2));
    long rel = Long.parseLong(matcher.group(1));
    long first = matcher.group(3) == null ? 0 : Long.parseLong(matcher.group(3)) * BLOCKS_PER_FILE;
    byte[] bytes = Files.readAllBytes(file);
    int count = bytes.length / Page.BYTES;
    for (int i = 0; i < count; i++) {
      pages.put(PgKeys.block(spc, db, rel, fork, first + i), page(bytes, i));
    }
    sizes.merge(PgKeys.size(spc, db, rel, fork), first + count, Math::max);
  }

  private static int fork(@Nullable String suffix) {
    return suffix == null ? 0 : List.of("", "_fsm", "_vm", "_init").indexOf(suffix);
  }

  private static byte[] page(byte[] bytes, int index) {
    return Arrays.copyOfRange(bytes, index * Page.BYTES, (index + 1) * Page.BYTES);
  }
}
