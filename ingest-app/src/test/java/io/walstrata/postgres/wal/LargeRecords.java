package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;

/** WAL of one large record, for tests of other packages. */
public final class LargeRecords {
  public static final int SEGMENT_BYTES = WalMaker.SEGMENT;
  public static final Lsn START = Lsn.of(5L * SEGMENT_BYTES);

  private LargeRecords() {}

  /** Returns the commit of a transaction with invalidations of about so many bytes. */
  public static byte[] commit(int bytes) {
    int count = bytes / 16;
    byte[] data =
        RecordMaker.bytes(
            RecordMaker.u64(1),
            RecordMaker.u32(0x08), // Has invalidations.
            RecordMaker.u32(count),
            new byte[16 * count]);
    return wal(RecordMaker.record(RecordMaker.RMGR_TRANSACTION, 0x80).xid(700).main(data));
  }

  /** Returns a logical message of so many bytes. */
  public static byte[] message(int bytes) {
    return wal(RecordLimitsTest.message(new byte[bytes]));
  }

  private static byte[] wal(RecordMaker maker) {
    WalMaker wal = new WalMaker(START.value());
    wal.add(maker);
    return wal.wal();
  }
}
