package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.Slru;
import io.walstrata.postgres.wal.WalException;
import java.util.zip.CRC32C;

/**
 * Replays records of transactions: the end of one on the pages of the commit log that have it or
 * its subtransactions, and the state file of a prepared one.
 */
final class TransactionRedo implements RecordRedo {
  /*
   * A page of the commit log has two bits a transaction, from the lowest bits of each byte on. A
   * commit first marks the subtransactions of other pages as "subtransaction committed" and then
   * all of the tree as committed; after the record nothing of the first step is left.
   */
  private static final int COMMITTED = 1;
  private static final int ABORTED = 2;
  private static final int STATUS_MASK = 3;
  private static final int XIDS_PER_BYTE = 4;
  private static final int XIDS_PER_PAGE = Page.BYTES * XIDS_PER_BYTE;

  private static final int STATE_MAGIC = 0x57F94534;
  private static final int CRC_BYTES = 4;

  @Override
  public LsnStamp redo(RecordView record, Page page) {
    boolean isCommit;
    switch (record.info() & TransactionEnd.TYPE_MASK) {
      case TransactionEnd.COMMIT, TransactionEnd.COMMIT_PREPARED -> isCommit = true;
      case TransactionEnd.ABORT, TransactionEnd.ABORT_PREPARED -> isCommit = false;
      case TransactionEnd.PREPARE -> {
        page.replace(stateFile(record));
        return LsnStamp.KEEP;
      }
      default -> throw RecordRedo.unsupported(record);
    }
    if (!SlruRedo.isOf(Slru.CLOG, record.key())) {
      throw RecordRedo.unsupported(record);
    }
    end(record, page, isCommit);
    return LsnStamp.KEEP;
  }

  private static void end(RecordView record, Page page, boolean isCommit) {
    int status = isCommit ? COMMITTED : ABORTED;
    long pageNumber = SlruRedo.pageOf(record.key());
    TransactionXids xids = TransactionXids.read(record);
    boolean changed = setStatus(page, pageNumber, xids.xid(), status);
    for (int i = 0; i < xids.subxids(); i++) {
      changed |= setStatus(page, pageNumber, xids.subxid(record, i), status);
    }
    if (!changed) {
      throw new PageException("transaction is not on this page: xid=" + xids.xid());
    }
  }

  private static boolean setStatus(Page page, long pageNumber, long xid, int status) {
    if (xid == 0 || Slru.CLOG.page(xid) != pageNumber) {
      return false;
    }
    int index = (int) (xid % XIDS_PER_PAGE);
    int at = index / XIDS_PER_BYTE;
    int shift = index % XIDS_PER_BYTE * 2;
    page.putU8(at, (page.u8(at) & ~(STATUS_MASK << shift)) | (status << shift));
    return true;
  }

  /** Returns the content of the state file: the record's main data and their checksum. */
  private static byte[] stateFile(RecordView record) {
    PageKey key = record.key();
    ByteSpan main = record.main();
    if (key.kind() != 2 || key.block() != main.u32(8)) {
      throw RecordRedo.unsupported(record);
    }
    int length = main.length() + CRC_BYTES;
    if (main.i32(0) != STATE_MAGIC || main.i32(4) != length) {
      throw new WalException(
          record.endLsn(),
          "not the state of a prepared transaction: magic="
              + Integer.toHexString(main.i32(0))
              + ", length="
              + main.i32(4)
              + ", bytes="
              + length);
    }
    byte[] file = new byte[length];
    main.copyTo(0, file, 0, main.length());
    CRC32C crc = new CRC32C();
    crc.update(file, 0, main.length());
    LittleEndian.putI32(file, main.length(), (int) crc.getValue());
    return file;
  }

  @Override
  public boolean startsFromNothing(RecordView record) {
    return (record.info() & TransactionEnd.TYPE_MASK) == TransactionEnd.PREPARE;
  }
}
