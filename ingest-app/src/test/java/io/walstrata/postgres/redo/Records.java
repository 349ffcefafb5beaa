package io.walstrata.postgres.redo;

import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.record;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static io.walstrata.postgres.wal.RecordMaker.u32;
import static io.walstrata.postgres.wal.RecordMaker.u64;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Rmgr;

/** Records for tests, with the contents that PostgreSQL's have. */
final class Records {
  static final int COMMIT = 0x00;
  static final int ABORT = 0x20;
  static final int COMMIT_PREPARED = 0x30;
  static final int ABORT_PREPARED = 0x40;
  static final long TIME = 0x0002_B1A5_0000_1234L;

  private Records() {}

  /** The end of a transaction: of itself and its subtransactions. */
  static RecordMaker end(int type, long xid, long... subxids) {
    if (subxids.length == 0) {
      return record(Rmgr.TRANSACTION.id(), type).xid(xid).main(u64(TIME));
    }
    return record(Rmgr.TRANSACTION.id(), type | 0x80)
        .xid(xid)
        .main(bytes(u64(TIME), u32(2), list(subxids)));
  }

  /** The end of a prepared transaction, with every part that such a record can have. */
  static RecordMaker endPrepared(PgVersion version, int type, long xid, long... subxids) {
    boolean isCommit = type == COMMIT_PREPARED;
    byte[] stats = new byte[version.atLeast(PgVersion.V18) ? 16 : 12];
    return record(Rmgr.TRANSACTION.id(), type | 0x80)
        .main(
            bytes(
                bytes(u64(TIME), u32(0x1FF), u32(5), u32(1663), list(subxids)),
                bytes(u32(1), u32(1663), u32(5), u32(99)),
                bytes(u32(1), stats),
                isCommit ? bytes(u32(1), new byte[16]) : new byte[0],
                u32(xid),
                new byte[] {'g', 'i', 'd', 0},
                u64(0x123),
                u64(TIME + 1)));
  }

  private static byte[] list(long... values) {
    byte[] list = u32(values.length);
    for (long value : values) {
      list = bytes(list, u32(value));
    }
    return list;
  }

  /** A record that fills a page of a status area with zeros. */
  static RecordMaker zeroPage(PgVersion version, Rmgr rmgr, int type, long page) {
    return record(rmgr.id(), type).main(version.atLeast(PgVersion.V17) ? u64(page) : u32(page));
  }

  static RecordMaker zeroClog(PgVersion version, long page) {
    return zeroPage(version, Rmgr.CLOG, 0x00, page);
  }

  /** A new multixact; members are pairs of transaction and status. */
  static RecordMaker multiXact(long multixact, long firstMember, long... members) {
    byte[] list = u32(members.length / 2);
    for (long value : members) {
      list = bytes(list, u32(value));
    }
    return record(Rmgr.MULTIXACT.id(), 0x20).main(bytes(u32(multixact), u32(firstMember), list));
  }

  static RecordMaker create(long spc, long db, long rel, int fork) {
    return record(Rmgr.STORAGE.id(), 0x10).main(bytes(u32(spc), u32(db), u32(rel), u32(fork)));
  }

  /** A truncation of all forks. */
  static RecordMaker truncate(long spc, long db, long rel, long blocks) {
    return record(Rmgr.STORAGE.id(), 0x20)
        .main(bytes(u32(blocks), u32(spc), u32(db), u32(rel), u32(7)));
  }

  static RecordMaker dropRelation(long xid, long spc, long db, long rel) {
    return record(Rmgr.TRANSACTION.id(), COMMIT | 0x80)
        .xid(xid)
        .main(bytes(u64(TIME), u32(4), u32(1), u32(spc), u32(db), u32(rel)));
  }

  static RecordMaker copyDatabase(long spc, long db, long sourceSpc, long sourceDb) {
    return record(Rmgr.DATABASE.id(), 0x00)
        .main(bytes(u32(db), u32(spc), u32(sourceDb), u32(sourceSpc)));
  }

  static RecordMaker dropDatabase(long spc, long db) {
    return record(Rmgr.DATABASE.id(), 0x20).main(bytes(u32(db), u32(1), u32(spc)));
  }

  static RecordMaker relationMap(long spc, long db, byte[] file) {
    return record(Rmgr.RELMAP.id(), 0x00).main(bytes(u32(db), u32(spc), u32(file.length), file));
  }

  static RecordMaker parameters(boolean logsHints, boolean tracksCommitTimestamps) {
    return record(Rmgr.XLOG.id(), 0x60)
        .main(
            bytes(
                new byte[20],
                u32(1),
                new byte[] {(byte) (logsHints ? 1 : 0), (byte) (tracksCommitTimestamps ? 1 : 0)},
                u16(0)));
  }

  /** A record that refers to a page, and changes nothing of it. */
  static RecordMaker touch(long spc, long db, long rel, int fork, long block) {
    return record(Rmgr.XLOG.id(), 0xA0).block(0, spc, db, rel, fork, block, 0, new byte[0]);
  }

  /** A record with the whole of a page, to be applied. */
  static RecordMaker image(long spc, long db, long rel, int fork, long block, byte[] page) {
    return record(Rmgr.XLOG.id(), 0xB0).image(0, spc, db, rel, fork, block, page);
  }
}
