package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.PageKey;

/**
 * Keys for everything that PostgreSQL's WAL changes. The layout is Neon's where Neon has one; see
 * {@code docs/postgres-mapping.md}.
 */
public final class PgKeys {
  /** Block number of the key that stands for a fork's size. */
  public static final long SIZE_BLOCK = 0xFFFFFFFFL;

  public static final int MAIN_FORK = 0;
  public static final int FSM_FORK = 1;
  public static final int VM_FORK = 2;

  private static final long U32 = 0xFFFFFFFFL;
  private static final int RELATION = 0;
  private static final int SLRU = 1;
  private static final int TWO_PHASE = 2;
  private static final int CLUSTER = 3;

  /** The control file. */
  public static final PageKey CONTROL_FILE = PageKey.of(CLUSTER, 0, 0, 0, 0, 0);

  /** The checkpoint record and what changes between two of them: next OID, SLRU bounds. */
  public static final PageKey CHECKPOINT = PageKey.of(CLUSTER, 0, 0, 0, 0, 1);

  /** Progress of the replication origins. */
  public static final PageKey REPLICATION_ORIGINS = PageKey.of(CLUSTER, 0, 0, 0, 0, 2);

  /** Tablespaces and their directories. */
  public static final PageKey TABLESPACES = PageKey.of(CLUSTER, 0, 0, 0, 0, 3);

  /** The base backup that history begins with: its start and end LSN. */
  public static final PageKey BASE_BACKUP = PageKey.of(CLUSTER, 0, 0, 0, 0, 4);

  /** The list of databases. */
  public static final PageKey DATABASES = PageKey.of(RELATION, 0, 0, 0, 0, 0);

  private PgKeys() {}

  /** Returns a relation's page. */
  public static PageKey block(long spc, long db, long rel, int fork, long block) {
    return PageKey.of(RELATION, spc, db, rel, fork, block);
  }

  /** Returns the key of a fork's size. */
  public static PageKey size(long spc, long db, long rel, int fork) {
    return PageKey.of(RELATION, spc, db, rel, fork, SIZE_BLOCK);
  }

  /** Returns a database's relation map file; the shared one for database 0. */
  public static PageKey relationMap(long spc, long db) {
    return PageKey.of(RELATION, spc, db, 0, 0, 0);
  }

  /** Returns the key of a database's directory: which relations exist, and where they are from. */
  public static PageKey relationDirectory(long spc, long db) {
    return PageKey.of(RELATION, spc, db, 0, 0, 1);
  }

  /** Returns the state file of a prepared transaction. */
  public static PageKey twoPhase(long xid) {
    return PageKey.of(TWO_PHASE, 0, 0, 0, 0, xid);
  }

  /** Returns a page of a transaction status area. */
  public static PageKey slru(Slru slru, long page) {
    return PageKey.of(
        SLRU, slru.id(), 1, page / Slru.PAGES_PER_SEGMENT, 0, page % Slru.PAGES_PER_SEGMENT);
  }

  /** Returns all forks of a relation, sizes included. */
  public static KeyRange relation(long spc, long db, long rel) {
    PageKey start = block(spc, db, rel, 0, 0);
    return rel == U32
        ? new KeyRange(start, database(spc, db).endKey())
        : new KeyRange(start, block(spc, db, rel + 1, 0, 0));
  }

  /** Returns everything of a database in one tablespace. */
  public static KeyRange database(long spc, long db) {
    PageKey start = block(spc, db, 0, 0, 0);
    return db == U32
        ? new KeyRange(start, tablespace(spc).endKey())
        : new KeyRange(start, block(spc, db + 1, 0, 0, 0));
  }

  /** Returns everything in a tablespace. */
  public static KeyRange tablespace(long spc) {
    PageKey start = block(spc, 0, 0, 0, 0);
    // The key after the last one that starts with this tablespace.
    return new KeyRange(start, PageKey.of(RELATION, spc, U32, U32, 0xFF, U32).next());
  }

  /** Returns the segments from {@code start} to before {@code end}, which must not be equal. */
  public static KeyRange slruSegments(Slru slru, long start, long end) {
    return new KeyRange(
        PageKey.of(SLRU, slru.id(), 1, start, 0, 0), PageKey.of(SLRU, slru.id(), 1, end, 0, 0));
  }
}
