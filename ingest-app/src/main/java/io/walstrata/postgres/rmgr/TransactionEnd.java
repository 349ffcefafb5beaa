package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import java.util.List;

/**
 * The contents of a COMMIT, ABORT, COMMIT_PREPARED or ABORT_PREPARED record.
 *
 * @param time of the end, microseconds since 2000-01-01 UTC
 * @param xinfo flags of the parts that follow and of what is to be done
 * @param xid the transaction: of a prepared one, that which was prepared
 * @param isPrepared whether the transaction was a prepared one
 * @param db its database, 0 if not given
 * @param spc its database's tablespace, 0 if not given
 * @param subxids its subtransactions
 * @param droppedRelations relations whose files it deletes
 * @param droppedStats statistics that it deletes
 * @param invalidations shared invalidation messages, 16 bytes each; only of a commit
 * @param gid name of the prepared transaction, empty if not given
 * @param originLsn position at the replication origin, not valid if not given
 * @param originTime time at the replication origin
 */
record TransactionEnd(
    long time,
    int xinfo,
    long xid,
    boolean isPrepared,
    long db,
    long spc,
    List<Long> subxids,
    List<Relation> droppedRelations,
    List<DroppedStats> droppedStats,
    List<WalBytes> invalidations,
    String gid,
    Lsn originLsn,
    long originTime) {

  /** A relation's files. */
  record Relation(long spc, long db, long rel) {}

  /** An entry of the cumulative statistics. */
  record DroppedStats(int kind, long db, long object) {}

  static final int COMMIT = 0x00;
  static final int PREPARE = 0x10;
  static final int ABORT = 0x20;
  static final int COMMIT_PREPARED = 0x30;
  static final int ABORT_PREPARED = 0x40;
  static final int ASSIGNMENT = 0x50;
  static final int INVALIDATIONS = 0x60;

  static final int FORCE_SYNC_COMMIT = 1 << 31;
  static final int RELCACHE_INIT_FILE_INVAL = 1 << 30;
  static final int APPLY_FEEDBACK = 1 << 29;

  static final int TYPE_MASK = 0x70;
  static final int HAS_INFO = 0x80;
  static final int HAS_DB = 0x01;
  static final int HAS_SUBXIDS = 0x02;
  static final int HAS_RELATIONS = 0x04;
  static final int HAS_INVALIDATIONS = 0x08;
  static final int HAS_XID = 0x10;
  static final int HAS_ORIGIN = 0x20;
  static final int HAS_GID = 0x80;
  static final int HAS_STATS = 0x100;

  /** Returns a Transaction record's type, which has one bit less than other records' types. */
  static int type(WalRecord record) {
    return record.info() & TYPE_MASK;
  }

  static boolean isEnd(WalRecord record) {
    return switch (type(record)) {
      case COMMIT, ABORT, COMMIT_PREPARED, ABORT_PREPARED -> true;
      default -> false;
    };
  }

  static boolean isPrepare(WalRecord record) {
    return type(record) == PREPARE;
  }

  boolean hasOrigin() {
    return (xinfo & HAS_ORIGIN) != 0;
  }

  /** Returns whether the record names its transaction, other than in its header. */
  boolean hasXid() {
    return (xinfo & HAS_XID) != 0;
  }

  static TransactionEnd parse(WalRecord record) {
    TransactionParts parts = new TransactionParts(record.version(), record.mainData(), 0);
    int type = type(record);
    final boolean commit = type == COMMIT || type == COMMIT_PREPARED;
    final long time = parts.i64();
    final int xinfo = (record.info() & HAS_INFO) != 0 ? parts.i32() : 0;
    // The parts follow in this order, each if its flag is set.
    boolean hasDb = (xinfo & HAS_DB) != 0;
    final long db = hasDb ? parts.u32() : 0;
    final long spc = hasDb ? parts.u32() : 0;
    final List<Long> subxids =
        (xinfo & HAS_SUBXIDS) != 0 ? parts.subxids(parts.count()) : List.of();
    final List<Relation> relations =
        (xinfo & HAS_RELATIONS) != 0 ? parts.relations(parts.count()) : List.of();
    final List<DroppedStats> stats =
        (xinfo & HAS_STATS) != 0 ? parts.stats(parts.count()) : List.of();
    final List<WalBytes> invalidations =
        commit && (xinfo & HAS_INVALIDATIONS) != 0 ? parts.invalidations(parts.count()) : List.of();
    final long xid = (xinfo & HAS_XID) != 0 ? parts.u32() : record.xid();
    final String gid = (xinfo & HAS_GID) != 0 ? parts.cString() : "";
    boolean hasOrigin = (xinfo & HAS_ORIGIN) != 0;
    Lsn originLsn = hasOrigin ? Lsn.of(parts.i64()) : Lsn.INVALID;
    long originTime = hasOrigin ? parts.i64() : 0;
    return new TransactionEnd(
        time,
        xinfo,
        xid,
        type == COMMIT_PREPARED || type == ABORT_PREPARED,
        db,
        spc,
        subxids,
        relations,
        stats,
        invalidations,
        gid,
        originLsn,
        originTime);
  }
}
