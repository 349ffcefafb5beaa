package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.HeapManager.CLEARED;
import static io.walstrata.postgres.rmgr.HeapManager.HOT_UPDATE;
import static io.walstrata.postgres.rmgr.HeapManager.INIT;
import static io.walstrata.postgres.rmgr.HeapManager.NEW_CLEARED;

import io.walstrata.postgres.page.HeapPage;
import io.walstrata.postgres.page.HeapTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.page.VisibilityMap;
import io.walstrata.postgres.rmgr.RecordRedo.LsnStamp;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;

/**
 * UPDATE and HOT_UPDATE: the old tuple gets its xmax, the new one is added. Block 0 is the page of
 * the new tuple, block 1 that of the old one if it is another.
 *
 * <pre>
 * main: old xmax 4 | old offset 2 | old infobits 1 | flags 1 | new xmax 4 | new offset 2 |
 *       for logical decoding, the old tuple or its key
 * data: [prefix 2] | [suffix 2] | header 5 | bitmap and padding | data between prefix and suffix
 * </pre>
 */
final class TupleUpdate {
  private static final int PREFIX_FROM_OLD = 0x20;
  private static final int SUFFIX_FROM_OLD = 0x40;

  private static final int NEW_BLOCK = 0;
  private static final int OLD_BLOCK = 1;

  private TupleUpdate() {}

  /**
   * @param blockId the reference to the page
   */
  static void update(RecordView record, Page page, int blockId) {
    boolean hasTwoPages = hasOldPage(record);
    boolean isInit = (record.type() & INIT) != 0;
    if (blockId > OLD_BLOCK || (isInit && !hasTwoPages)) {
      throw RecordRedo.unsupported(record);
    }
    if (hasTwoPages && (record.type() == HOT_UPDATE || borrowsFromOld(record))) {
      throw new WalException(
          record.endLsn(), "update of one page with two: flags=" + record.main().u8(7));
    }
    if (blockId == NEW_BLOCK && isInit) {
      page.init(0);
    }
    HeapPage.check(page);
    if (blockId == OLD_BLOCK || !hasTwoPages) {
      changeOld(record, page);
    }
    if (blockId == NEW_BLOCK) {
      addNew(record, page);
    }
  }

  private static boolean hasOldPage(RecordView record) {
    return record.hasBlock(OLD_BLOCK) && record.block(OLD_BLOCK).fork() == PgKeys.MAIN_FORK;
  }

  private static boolean borrowsFromOld(RecordView record) {
    return (record.main().u8(7) & (PREFIX_FROM_OLD | SUFFIX_FROM_OLD)) != 0;
  }

  static LsnStamp clearVisibility(RecordView record, Page map) {
    int flags = record.main().u8(7);
    int ofOld = VisibilityMapRedo.NOT_ON_PAGE;
    int ofNew = VisibilityMapRedo.NOT_ON_PAGE;
    if ((flags & CLEARED) != 0) {
      int old = hasOldPage(record) ? OLD_BLOCK : NEW_BLOCK;
      ofOld = VisibilityMapRedo.clear(record, map, old, VisibilityMap.VALID_BITS);
    }
    if ((flags & NEW_CLEARED) != 0) {
      ofNew = VisibilityMapRedo.clear(record, map, NEW_BLOCK, VisibilityMap.VALID_BITS);
    }
    if (ofOld == VisibilityMapRedo.NOT_ON_PAGE && ofNew == VisibilityMapRedo.NOT_ON_PAGE) {
      throw RecordRedo.unsupported(record);
    }
    return VisibilityMapRedo.stamp(record, Math.max(ofOld, 0) | Math.max(ofNew, 0));
  }

  private static void changeOld(RecordView record, Page page) {
    ByteSpan main = record.main();
    int tuple = page.normalItem(main.u16(4), HeapTuple.HEADER_BYTES);
    InfoBits.setXmaxBits(page, tuple, main.u8(6), record.type() == HOT_UPDATE);
    HeapTuple.setXmax(page, tuple, main.u32(0));
    HeapTuple.resetCid(page, tuple);
    HeapTuple.setCtid(page, tuple, record.block(NEW_BLOCK).block(), main.u16(12));
    HeapPage.setPrunable(page, record.xid());
    if ((main.u8(7) & CLEARED) != 0) {
      page.clearFlag(Page.ALL_VISIBLE);
    }
  }

  private static void addNew(RecordView record, Page page) {
    ByteSpan main = record.main();
    ByteSpan data = record.block(NEW_BLOCK).data();
    int flags = main.u8(7);
    int at = 0;
    int prefix = 0;
    int suffix = 0;
    if ((flags & PREFIX_FROM_OLD) != 0) {
      prefix = data.u16(at);
      at += 2;
    }
    if ((flags & SUFFIX_FROM_OLD) != 0) {
      suffix = data.u16(at);
      at += 2;
    }
    int stored = data.length() - at - TupleInsert.HEADER_BYTES;
    int tuple = TupleInsert.put(record, page, main.u16(12), data, at, stored + prefix + suffix);
    HeapTuple.setXmax(page, tuple, main.u32(8));
    at += TupleInsert.HEADER_BYTES;
    if (prefix + suffix == 0) {
      data.copyTo(at, page.bytes(), tuple + HeapTuple.HEADER_BYTES, stored);
    } else {
      fill(record, page, tuple, at, stored, prefix, suffix);
    }
    if ((flags & NEW_CLEARED) != 0) {
      page.clearFlag(Page.ALL_VISIBLE);
    }
  }

  /** Writes what follows the new tuple's header, taking parts of it from the old tuple. */
  private static void fill(
      RecordView record, Page page, int tuple, int at, int stored, int prefix, int suffix) {
    ByteSpan data = record.block(NEW_BLOCK).data();
    int oldNumber = record.main().u16(4);
    int old = page.normalItem(oldNumber, HeapTuple.HEADER_BYTES);
    int oldLength = page.itemLength(oldNumber);
    int oldHoff = HeapTuple.hoff(page, old);
    int bitmap = HeapTuple.hoff(page, tuple) - HeapTuple.HEADER_BYTES;
    if (oldHoff < HeapTuple.HEADER_BYTES || oldHoff + prefix + suffix > oldLength) {
      throw new PageException(
          "the old tuple is shorter than what the new one takes of it: offset="
              + oldNumber
              + ", length="
              + oldLength
              + ", hoff="
              + oldHoff
              + ", prefix="
              + prefix
              + ", suffix="
              + suffix);
    }
    byte[] bytes = page.bytes();
    int to = tuple + HeapTuple.HEADER_BYTES;
    data.copyTo(at, bytes, to, bitmap);
    to += bitmap;
    System.arraycopy(bytes, old + oldHoff, bytes, to, prefix);
    to += prefix;
    data.copyTo(at + bitmap, bytes, to, stored - bitmap);
    to += stored - bitmap;
    System.arraycopy(bytes, old + oldLength - suffix, bytes, to, suffix);
  }
}
