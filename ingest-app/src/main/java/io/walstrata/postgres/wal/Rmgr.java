package io.walstrata.postgres.wal;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Ids and names of PostgreSQL's resource managers: the parts of the server that write WAL records.
 */
public enum Rmgr {
  XLOG(0, "XLOG"),
  TRANSACTION(1, "Transaction"),
  STORAGE(2, "Storage"),
  CLOG(3, "CLOG"),
  DATABASE(4, "Database"),
  TABLESPACE(5, "Tablespace"),
  MULTIXACT(6, "MultiXact"),
  RELMAP(7, "RelMap"),
  STANDBY(8, "Standby"),
  HEAP2(9, "Heap2"),
  HEAP(10, "Heap"),
  BTREE(11, "Btree"),
  HASH(12, "Hash"),
  GIN(13, "Gin"),
  GIST(14, "Gist"),
  SEQUENCE(15, "Sequence"),
  SPGIST(16, "SPGist"),
  BRIN(17, "BRIN"),
  COMMIT_TS(18, "CommitTs"),
  REPLICATION_ORIGIN(19, "ReplicationOrigin"),
  GENERIC(20, "Generic"),
  LOGICAL_MESSAGE(21, "LogicalMessage"),
  /** Any resource manager of an extension, ids 128 to 255. */
  CUSTOM(-1, "custom"),
  /** An id that no resource manager has. */
  UNKNOWN(-1, "unknown");

  /** First id of the extensions. */
  static final int FIRST_CUSTOM = 128;

  /** Those whose records change no page: they have no block references and no other effect. */
  public static final Set<Rmgr> WITHOUT_PAGES =
      Collections.unmodifiableSet(EnumSet.of(STANDBY, LOGICAL_MESSAGE));

  private static final Rmgr[] BY_ID = byId();

  private final int id;
  private final String label;

  Rmgr(int id, String label) {
    this.id = id;
    this.label = label;
  }

  private static Rmgr[] byId() {
    Rmgr[] byId = new Rmgr[LOGICAL_MESSAGE.id + 1];
    for (Rmgr rmgr : values()) {
      if (rmgr.id >= 0) {
        byId[rmgr.id] = rmgr;
      }
    }
    return byId;
  }

  /** Returns the id; -1 for the two that stand for many. */
  public int id() {
    return id;
  }

  /** Returns the resource manager with this id. */
  public static Rmgr of(int id) {
    if (id >= FIRST_CUSTOM && id <= 255) {
      return CUSTOM;
    }
    return isKnown(id) ? BY_ID[id] : UNKNOWN;
  }

  /** Returns whether a record can have this id. */
  static boolean isValid(int id) {
    return isKnown(id) || (id >= FIRST_CUSTOM && id <= 255);
  }

  private static boolean isKnown(int id) {
    return id >= 0 && id < BY_ID.length;
  }

  /** Returns the name of a record's resource manager as pg_waldump prints it. */
  public static String label(int id) {
    Rmgr rmgr = of(id);
    return switch (rmgr) {
      case CUSTOM -> String.format(Locale.ROOT, "custom%03d", id);
      case UNKNOWN -> "unknown" + id;
      default -> rmgr.label;
    };
  }

  /** Returns the names of PostgreSQL's own resource managers, by id. */
  public static List<String> labels() {
    return Arrays.stream(BY_ID).map(rmgr -> rmgr.label).toList();
  }

  /** Returns whether this can be a record's {@link #label(int)}; case does not matter. */
  public static boolean isLabel(String name) {
    return IntStream.range(0, 256)
        .filter(Rmgr::isValid)
        .anyMatch(id -> label(id).equalsIgnoreCase(name));
  }
}
