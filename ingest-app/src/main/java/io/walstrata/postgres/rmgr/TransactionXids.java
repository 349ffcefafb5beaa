package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.Rmgr;

/**
 * The transactions that a record of {@link TransactionEnd}'s types ends, and when: what redo needs
 * of one, without the lists.
 *
 * @param xid the transaction, unsigned 32 bits; 0 if it has none
 * @param subxids how many subtransactions it has
 * @param subxidsAt where the first of them is in the main data
 * @param time of the end at its origin, if the record names one; microseconds since 2000-01-01 UTC
 */
public record TransactionXids(long xid, int subxids, int subxidsAt, long time) {
  private static final int TIME_BYTES = 8;
  private static final int XID_BYTES = 4;
  private static final int RELATION_BYTES = 12;
  private static final int INVALIDATION_BYTES = 16;

  /** Returns whether a record commits a transaction. */
  public static boolean isCommit(RecordView record) {
    int type = record.info() & TransactionEnd.TYPE_MASK;
    return record.rmgrId() == Rmgr.TRANSACTION.id()
        && (type == TransactionEnd.COMMIT || type == TransactionEnd.COMMIT_PREPARED);
  }

  /**
   * Reads a record that ends a transaction.
   *
   * @throws io.walstrata.postgres.wal.WalException if its contents are damaged
   */
  public static TransactionXids read(RecordView record) {
    ByteSpan main = record.main();
    long time = main.i64(0);
    if ((record.info() & TransactionEnd.HAS_INFO) == 0) {
      return new TransactionXids(record.xid(), 0, 0, time);
    }
    int xinfo = main.i32(TIME_BYTES);
    int at = TIME_BYTES + 4;
    // The parts follow in this order, each if its flag is set.
    if ((xinfo & TransactionEnd.HAS_DB) != 0) {
      at += 8;
    }
    int subxids = 0;
    int subxidsAt = 0;
    if ((xinfo & TransactionEnd.HAS_SUBXIDS) != 0) {
      subxidsAt = at + 4;
      subxids = SlruRedo.count(record, main.i32(at), subxidsAt, XID_BYTES);
      at = subxidsAt + subxids * XID_BYTES;
    }
    if ((xinfo & TransactionEnd.HAS_RELATIONS) != 0) {
      at = afterList(record, at, RELATION_BYTES);
    }
    if ((xinfo & TransactionEnd.HAS_STATS) != 0) {
      at = afterList(record, at, record.version().atLeast(PgVersion.V18) ? 16 : 12);
    }
    if (isCommit(record) && (xinfo & TransactionEnd.HAS_INVALIDATIONS) != 0) {
      at = afterList(record, at, INVALIDATION_BYTES);
    }
    long xid = record.xid();
    if ((xinfo & TransactionEnd.HAS_XID) != 0) {
      xid = main.u32(at);
      at += XID_BYTES;
    }
    if ((xinfo & TransactionEnd.HAS_ORIGIN) != 0) {
      if ((xinfo & TransactionEnd.HAS_GID) != 0) {
        at = afterText(main, at);
      }
      time = main.i64(at + 8);
    }
    return new TransactionXids(xid, subxids, subxidsAt, time);
  }

  private static int afterList(RecordView record, int at, int elementBytes) {
    int first = at + 4;
    return first
        + SlruRedo.count(record, record.main().i32(at), first, elementBytes) * elementBytes;
  }

  private static int afterText(ByteSpan main, int at) {
    int end = at;
    while (main.u8(end) != 0) {
      end++;
    }
    return end + 1;
  }

  /** Returns a subtransaction, from 0 on, of the record that this was read from. */
  public long subxid(RecordView record, int index) {
    return record.main().u32(subxidsAt + index * XID_BYTES);
  }
}
