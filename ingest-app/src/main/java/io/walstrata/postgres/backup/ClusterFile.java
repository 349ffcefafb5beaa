package io.walstrata.postgres.backup;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.Slru;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file of a cluster that becomes versions, known by its path. Immutable.
 *
 * @param kind what it holds
 * @param path relative to the data directory
 * @param spc tablespace; 0 if it is in none
 * @param db database; 0 if it is in none
 * @param number the relation's file number, the number of a status area's segment, or a prepared
 *     transaction's xid
 * @param fork of a relation; of a status area its number in keys
 * @param segment of a relation's fork
 */
public record ClusterFile(
    Kind kind, String path, long spc, long db, long number, int fork, long segment) {
  /** The tablespace of a database without one of its own: {@code base/}. */
  static final long DEFAULT_TABLESPACE = 1663;

  /** The tablespace of what all databases share: {@code global/}. */
  static final long GLOBAL_TABLESPACE = 1664;

  static final int INIT_FORK = 3;
  static final String RELATION_MAP = "pg_filenode.map";
  static final String CONTROL_FILE = "global/pg_control";
  static final String TWO_PHASE = "pg_twophase";

  /** Directories of transaction status areas. */
  static final Map<Slru, String> SLRU_DIRECTORIES =
      Map.of(
          Slru.CLOG, "pg_xact",
          Slru.MULTIXACT_MEMBERS, "pg_multixact/members",
          Slru.MULTIXACT_OFFSETS, "pg_multixact/offsets",
          Slru.COMMIT_TS, "pg_commit_ts");

  private static final Map<String, Integer> FORKS = Map.of("fsm", 1, "vm", 2, "init", INIT_FORK);
  private static final String OID = "[1-9][0-9]{0,9}";

  private static final Pattern IN_DATABASE =
      Pattern.compile(
          ("(?:base/(?<basedb>OID)|(?<global>global)"
                  + "|pg_tblspc/(?<spc>OID)/PG_[0-9A-Za-z_]+/(?<db>OID))"
                  + "/(?:(?<map>pg_filenode[.]map)"
                  + "|(?<rel>OID)(?:_(?<fork>fsm|vm|init))?(?:[.](?<segment>[1-9][0-9]{0,7}))?)")
              .replace("OID", OID));

  private static final Pattern IN_SLRU =
      Pattern.compile("(?<directory>.+)/(?<name>[0-9A-F]{4,15})");
  private static final Pattern PREPARED =
      Pattern.compile(TWO_PHASE + "/(?:[0-9A-F]{8})?(?<xid>[0-9A-F]{8})");

  /** What a file holds. */
  public enum Kind {
    /** Pages of a relation's fork. */
    RELATION,
    RELATION_MAP,
    /** Pages of a transaction status area. */
    SLRU,
    /** The state of a prepared transaction. */
    TWO_PHASE,
    CONTROL_FILE;

    /** Returns whether the file is a sequence of pages; the others are one value. */
    public boolean hasPages() {
      return this == RELATION || this == SLRU;
    }
  }

  /**
   * Returns the file with this path; null for one that becomes no version: files of temporary
   * relations, caches, settings, WAL.
   *
   * @param path relative to the data directory, as {@code base/5/16384.1}
   */
  public static @Nullable ClusterFile of(String path) {
    if (path.equals(CONTROL_FILE)) {
      return new ClusterFile(Kind.CONTROL_FILE, path, 0, 0, 0, 0, 0);
    }
    Matcher file = IN_DATABASE.matcher(path);
    if (file.matches()) {
      return inDatabase(path, file);
    }
    file = PREPARED.matcher(path);
    if (file.matches()) {
      long xid = Long.parseLong(file.group("xid"), 16);
      return new ClusterFile(Kind.TWO_PHASE, path, 0, 0, xid, 0, 0);
    }
    file = IN_SLRU.matcher(path);
    return file.matches() ? inSlru(path, file) : null;
  }

  private static @Nullable ClusterFile inDatabase(String path, Matcher file) {
    long spc = DEFAULT_TABLESPACE;
    long db = 0;
    if (file.group("global") != null) {
      spc = GLOBAL_TABLESPACE;
    } else if (file.group("spc") != null) {
      spc = Long.parseLong(file.group("spc"));
      db = Long.parseLong(file.group("db"));
    } else {
      db = Long.parseLong(file.group("basedb"));
    }
    if (file.group("map") != null) {
      return new ClusterFile(Kind.RELATION_MAP, path, spc, db, 0, 0, 0);
    }
    @Nullable String fork = file.group("fork");
    @Nullable String segment = file.group("segment");
    return new ClusterFile(
        Kind.RELATION,
        path,
        spc,
        db,
        Long.parseLong(file.group("rel")),
        fork == null ? PgKeys.MAIN_FORK : FORKS.getOrDefault(fork, PgKeys.MAIN_FORK),
        segment == null ? 0 : Long.parseLong(segment));
  }

  private static @Nullable ClusterFile inSlru(String path, Matcher file) {
    long segment = Long.parseLong(file.group("name"), 16);
    for (Map.Entry<Slru, String> area : SLRU_DIRECTORIES.entrySet()) {
      if (area.getValue().equals(file.group("directory"))
          && segment < area.getKey().allSegments()) {
        return new ClusterFile(Kind.SLRU, path, 0, 0, segment, area.getKey().id(), 0);
      }
    }
    return null;
  }

  /** Returns how many pages the file has at most; 1 for one that is no sequence of pages. */
  long maxBlocks(long blocksPerSegment) {
    return switch (kind) {
      case RELATION -> blocksPerSegment;
      case SLRU -> Slru.PAGES_PER_SEGMENT;
      case RELATION_MAP, TWO_PHASE, CONTROL_FILE -> 1;
    };
  }

  /** Returns the number of the file's first page in its fork; 0 for other files. */
  long firstBlock(long blocksPerSegment) {
    return segment * blocksPerSegment;
  }

  /**
   * Returns the key of a page of this file, or of the file.
   *
   * @param index 0 for the file's first page
   * @throws UnrepresentableKeyException if a key cannot hold the tablespace
   */
  PageKey key(long index, long blocksPerSegment) {
    return switch (kind) {
      case RELATION -> PgKeys.block(spc, db, number, fork, firstBlock(blocksPerSegment) + index);
      case SLRU -> PgKeys.slru(slru(), number * Slru.PAGES_PER_SEGMENT + index);
      case RELATION_MAP -> PgKeys.relationMap(spc, db);
      case TWO_PHASE -> PgKeys.twoPhase(number);
      case CONTROL_FILE -> PgKeys.CONTROL_FILE;
    };
  }

  private Slru slru() {
    for (Slru area : Slru.values()) {
      if (area.id() == fork) {
        return area;
      }
    }
    throw new IllegalStateException("not a file of a status area: " + this);
  }

  /** Returns the key of the size of a relation's fork. */
  PageKey sizeKey() {
    return PgKeys.size(spc, db, number, fork);
  }

  /** Returns whether the file is of the same fork of the same relation. */
  boolean isSameFork(ClusterFile other) {
    return kind == other.kind
        && spc == other.spc
        && db == other.db
        && number == other.number
        && fork == other.fork;
  }
}
