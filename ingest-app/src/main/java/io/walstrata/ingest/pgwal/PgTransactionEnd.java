package io.walstrata.ingest.pgwal;

import io.walstrata.layerstore.page.Lsn;
import java.util.ArrayList;
import java.util.List;

/**
 * What a COMMIT, ABORT, COMMIT_PREPARED or ABORT_PREPARED record says.
 *
 * @param time of the end, microseconds since 2000-01-01 UTC
 * @param xinfo flags of the parts that follow and of what is to be done
 * @param xid the transaction: of a prepared one, that which was prepared
 * @param isPrepared whether the transaction was a prepared one
 * @param db its database, 0 if not given
 * @param spc its database's tablespace, 0 if not given
 * @param subxids its subtransactions
 * @param droppedRelations relations whose files go with it
 * @param droppedStats statistics that go with it
 * @param invalidations shared invalidation messages, 16 bytes each; only of a commit
 * @param gid name of the prepared transaction, empty if not given
 * @param originLsn position at the replication origin, not valid if not given
 * @param originTime time at the replication origin
 */
record PgTransactionEnd(
    long time,
    int xinfo,
    long xid,
    boolean isPrepared,
    long db,
    long spc,
    List<Long> subxids,
    List<Relation> droppedRelations,
    List<DroppedStats> droppedStats,
    List<PgWalBytes> invalidations,
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

  private static final int TYPE_MASK = 0x70;
  private static final int HAS_INFO = 0x80;
  private static final int HAS_DB = 0x01;
  private static final int HAS_SUBXIDS = 0x02;
  private static final int HAS_RELATIONS = 0x04;
  private static final int HAS_INVALIDATIONS = 0x08;
  private static final int HAS_XID = 0x10;
  private static final int HAS_ORIGIN = 0x20;
  private static final int HAS_GID = 0x80;
  private static final int HAS_STATS = 0x100;

  private static final int INVALIDATION_BYTES = 16;
  private static final int RELATION_BYTES = 12;

  /** Returns a Transaction record's type, which has one bit less than other records' types. */
  static int type(PgWalRecord record) {
    return record.info() & TYPE_MASK;
  }

  static boolean isEnd(PgWalRecord record) {
    return switch (type(record)) {
      case COMMIT, ABORT, COMMIT_PREPARED, ABORT_PREPARED -> true;
      default -> false;
    };
  }

  static boolean isPrepare(PgWalRecord record) {
    return type(record) == PREPARE;
  }

  boolean hasOrigin() {
    return (xinfo & HAS_ORIGIN) != 0;
  }

  static PgTransactionEnd parse(PgWalRecord record) {
    return new Parser(record).parse();
  }

  /** Reads the parts in their order; each is there if its flag is. */
  private static final class Parser {
    private final PgWalRecord record;
    private final PgWalBytes data;
    private int offset;
    private int xinfo;

    Parser(PgWalRecord record) {
      this.record = record;
      this.data = record.mainData();
    }

    PgTransactionEnd parse() {
      int type = type(record);
      final long time = data.i64(0);
      offset = 8;
      if ((record.info() & HAS_INFO) != 0) {
        xinfo = data.i32(offset);
        offset += 4;
      }
      long db = 0;
      long spc = 0;
      if (has(HAS_DB)) {
        db = data.u32(offset);
        spc = data.u32(offset + 4);
        offset += 8;
      }
      final List<Long> subxids = has(HAS_SUBXIDS) ? subxids() : List.of();
      final List<Relation> relations = has(HAS_RELATIONS) ? relations() : List.of();
      final List<DroppedStats> stats = has(HAS_STATS) ? stats() : List.of();
      boolean commit = type == COMMIT || type == COMMIT_PREPARED;
      final List<PgWalBytes> invalidations =
          commit && has(HAS_INVALIDATIONS) ? invalidations() : List.of();
      long xid = record.xid();
      if (has(HAS_XID)) {
        xid = data.u32(offset);
        offset += 4;
      }
      String gid = "";
      if (has(HAS_GID)) {
        gid = data.cString(offset);
        offset += data.cStringBytes(offset);
      }
      Lsn originLsn = has(HAS_ORIGIN) ? Lsn.of(data.i64(offset)) : Lsn.INVALID;
      long originTime = has(HAS_ORIGIN) ? data.i64(offset + 8) : 0;
      return new PgTransactionEnd(
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

    private boolean has(int flag) {
      return (xinfo & flag) != 0;
    }

    /** Reads a count, and checks that as many elements are there before anything is allocated. */
    private int count(int elementBytes) {
      int count = data.count(offset, elementBytes);
      offset += 4;
      return count;
    }

    private List<Long> subxids() {
      int count = count(4);
      List<Long> subxids = new ArrayList<>(count);
      for (int i = 0; i < count; i++, offset += 4) {
        subxids.add(data.u32(offset));
      }
      return subxids;
    }

    private List<Relation> relations() {
      int count = count(RELATION_BYTES);
      List<Relation> relations = new ArrayList<>(count);
      for (int i = 0; i < count; i++, offset += RELATION_BYTES) {
        relations.add(new Relation(data.u32(offset), data.u32(offset + 4), data.u32(offset + 8)));
      }
      return relations;
    }

    /** From 18 on the object has 64 bits, lower half first. */
    private List<DroppedStats> stats() {
      boolean wide = record.version().atLeast(PgVersion.V18);
      int bytes = wide ? 16 : 12;
      int count = count(bytes);
      List<DroppedStats> stats = new ArrayList<>(count);
      for (int i = 0; i < count; i++, offset += bytes) {
        long object = wide ? data.i64(offset + 8) : data.u32(offset + 8);
        stats.add(new DroppedStats(data.i32(offset), data.u32(offset + 4), object));
      }
      return stats;
    }

    private List<PgWalBytes> invalidations() {
      int count = count(INVALIDATION_BYTES);
      List<PgWalBytes> messages = new ArrayList<>(count);
      for (int i = 0; i < count; i++, offset += INVALIDATION_BYTES) {
        messages.add(data.slice(offset, INVALIDATION_BYTES));
      }
      return messages;
    }
  }
}
