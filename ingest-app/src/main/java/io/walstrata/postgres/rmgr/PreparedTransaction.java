package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.rmgr.TransactionEnd.DroppedStats;
import io.walstrata.postgres.rmgr.TransactionEnd.Relation;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import java.util.List;

/**
 * The contents of a PREPARE record, which are those of the transaction's state file.
 *
 * @param xid the transaction
 * @param db its database
 * @param time of the preparation, microseconds since 2000-01-01 UTC
 * @param gid its name
 * @param subxids its subtransactions
 * @param commitRelations relations that are deleted if it commits
 * @param abortRelations relations that are deleted if it aborts
 * @param commitStats statistics that are deleted if it commits
 * @param abortStats statistics that are deleted if it aborts
 * @param invalidations invalidation messages for its commit, 16 bytes each
 * @param initFileInvalidated whether its commit also removes the relation cache's init file
 * @param originLsn position at the replication origin
 * @param originTime time at the replication origin
 */
record PreparedTransaction(
    long xid,
    long db,
    long time,
    String gid,
    List<Long> subxids,
    List<Relation> commitRelations,
    List<Relation> abortRelations,
    List<DroppedStats> commitStats,
    List<DroppedStats> abortStats,
    List<WalBytes> invalidations,
    boolean initFileInvalidated,
    Lsn originLsn,
    long originTime) {
  /*
   * magic 4 | length 4 | xid 4 | db 4 | time 8 | owner 4 | counts 4 each: subxids, relations on
   * commit, on abort, stats on commit, on abort, invalidations | init file 1 | pad | gid length 2 |
   * origin LSN 8 | origin time 8; then gid and the lists, each at a multiple of 8
   */
  private static final int HEADER_BYTES = 72;

  static PreparedTransaction parse(WalRecord record) {
    WalBytes data = record.mainData();
    TransactionParts parts = new TransactionParts(record.version(), data, HEADER_BYTES);
    int gidBytes = data.u16(54);
    final String gid = data.slice(HEADER_BYTES, gidBytes).cString(0);
    parts.skip(gidBytes);
    List<Long> subxids = parts.subxids(data.count(28));
    List<Relation> commitRelations = parts.align().relations(data.count(32));
    List<Relation> abortRelations = parts.align().relations(data.count(36));
    List<DroppedStats> commitStats = parts.align().stats(data.count(40));
    List<DroppedStats> abortStats = parts.align().stats(data.count(44));
    List<WalBytes> invalidations = parts.align().invalidations(data.count(48));
    return new PreparedTransaction(
        data.u32(8),
        data.u32(12),
        data.i64(16),
        gid,
        subxids,
        commitRelations,
        abortRelations,
        commitStats,
        abortStats,
        invalidations,
        data.u8(52) != 0,
        Lsn.of(data.i64(56)),
        data.i64(64));
  }
}
