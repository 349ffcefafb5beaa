package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.HeapManager.CLEARED;
import static io.walstrata.postgres.rmgr.HeapManager.CONFIRM;
import static io.walstrata.postgres.rmgr.HeapManager.DELETE;
import static io.walstrata.postgres.rmgr.HeapManager.HOT_UPDATE;
import static io.walstrata.postgres.rmgr.HeapManager.INIT;
import static io.walstrata.postgres.rmgr.HeapManager.INPLACE;
import static io.walstrata.postgres.rmgr.HeapManager.INSERT;
import static io.walstrata.postgres.rmgr.HeapManager.LOCK;
import static io.walstrata.postgres.rmgr.HeapManager.UPDATE;

import io.walstrata.postgres.page.HeapPage;
import io.walstrata.postgres.page.HeapTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.page.VisibilityMap;
import io.walstrata.postgres.wal.BlockView;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordView;

/**
 * Replays the records of {@link HeapManager}. A TRUNCATE changes no page: it is for logical
 * decoding.
 */
final class HeapRedo implements RecordRedo {
  /** {@code DELETE}: what is deleted is a row whose insertion was speculative. */
  private static final int DELETE_IS_SUPER = 0x08;

  /** {@code DELETE}: an update moved the row to another partition. */
  private static final int DELETE_IS_PARTITION_MOVE = 0x10;

  @Override
  public LsnStamp redo(RecordView record, Page page) {
    if (VisibilityMapRedo.isMapPage(record)) {
      return clearVisibility(record, page);
    }
    int blockId = heapBlock(record);
    int type = record.type();
    if (blockId != 0 && (type & ~INIT) != UPDATE) {
      throw RecordRedo.unsupported(record);
    }
    switch (type) {
      case INSERT -> TupleInsert.insert(record, page);
      case INSERT | INIT -> {
        page.init(0);
        TupleInsert.insert(record, page);
      }
      case DELETE -> delete(record, page);
      case UPDATE, UPDATE | INIT, HOT_UPDATE -> TupleUpdate.update(record, page, blockId);
      case CONFIRM -> confirm(record, page);
      case LOCK -> lock(record, page);
      case INPLACE -> inplace(record, page);
      default -> throw RecordRedo.unsupported(record);
    }
    return LsnStamp.SET;
  }

  /**
   * Returns the number of the reference to the page, which must be one of a heap.
   *
   * @throws RedoException if it is not
   */
  static int heapBlock(RecordView record) {
    BlockView block = record.block();
    if (block == null || block.fork() != PgKeys.MAIN_FORK) {
      throw RecordRedo.unsupported(record);
    }
    return block.id();
  }

  private static LsnStamp clearVisibility(RecordView record, Page map) {
    ByteSpan main = record.main();
    return switch (record.type()) {
      case INSERT, INSERT | INIT ->
          VisibilityMapRedo.clearIf(main.u8(2) & CLEARED, record, map, VisibilityMap.VALID_BITS);
      case DELETE ->
          VisibilityMapRedo.clearIf(main.u8(7) & CLEARED, record, map, VisibilityMap.VALID_BITS);
      case LOCK ->
          VisibilityMapRedo.clearIf(main.u8(7) & CLEARED, record, map, VisibilityMap.ALL_FROZEN);
      case UPDATE, UPDATE | INIT, HOT_UPDATE -> TupleUpdate.clearVisibility(record, map);
      default -> throw RecordRedo.unsupported(record);
    };
  }

  /*
   * DELETE: xmax 4 | offset 2 | infobits 1 | flags 1, and for logical decoding the old tuple.
   */
  private static void delete(RecordView record, Page page) {
    ByteSpan main = record.main();
    int offsetNumber = main.u16(4);
    int flags = main.u8(7);
    HeapPage.check(page);
    int tuple = page.normalItem(offsetNumber, HeapTuple.HEADER_BYTES);
    InfoBits.setXmaxBits(page, tuple, main.u8(6), /* isHotUpdate= */ false);
    if ((flags & DELETE_IS_SUPER) == 0) {
      HeapTuple.setXmax(page, tuple, main.u32(0));
    } else {
      HeapTuple.setXmin(page, tuple, 0);
    }
    HeapTuple.resetCid(page, tuple);
    HeapPage.setPrunable(page, record.xid());
    if ((flags & CLEARED) != 0) {
      page.clearFlag(Page.ALL_VISIBLE);
    }
    if ((flags & DELETE_IS_PARTITION_MOVE) != 0) {
      HeapTuple.setMovedPartitions(page, tuple);
    } else {
      HeapTuple.setCtid(page, tuple, record.key().block(), offsetNumber);
    }
  }

  /** CONFIRM: offset 2. The insertion is no longer speculative. */
  private static void confirm(RecordView record, Page page) {
    int offsetNumber = record.main().u16(0);
    HeapPage.check(page);
    int tuple = page.normalItem(offsetNumber, HeapTuple.HEADER_BYTES);
    HeapTuple.setCtid(page, tuple, record.key().block(), offsetNumber);
  }

  /** LOCK: xmax 4 | offset 2 | infobits 1 | flags 1. */
  private static void lock(RecordView record, Page page) {
    ByteSpan main = record.main();
    int offsetNumber = main.u16(4);
    HeapPage.check(page);
    int tuple = page.normalItem(offsetNumber, HeapTuple.HEADER_BYTES);
    InfoBits.setXmaxBits(page, tuple, main.u8(6));
    if (HeapTuple.isLockedOnly(HeapTuple.infomask(page, tuple))) {
      HeapTuple.setInfomask2(
          page, tuple, HeapTuple.infomask2(page, tuple) & ~HeapTuple.HOT_UPDATED);
      HeapTuple.setCtid(page, tuple, record.key().block(), offsetNumber);
    }
    HeapTuple.setXmax(page, tuple, main.u32(0));
    HeapTuple.resetCid(page, tuple);
  }

  /** INPLACE: offset 2, then messages. The block's data replaces the tuple's, length unchanged. */
  private static void inplace(RecordView record, Page page) {
    ByteSpan data = record.block(0).data();
    int offsetNumber = record.main().u16(0);
    HeapPage.check(page);
    int tuple = page.normalItem(offsetNumber, HeapTuple.HEADER_BYTES);
    int hoff = HeapTuple.hoff(page, tuple);
    if (hoff < HeapTuple.HEADER_BYTES || hoff + data.length() != page.itemLength(offsetNumber)) {
      throw new PageException(
          "the tuple has another length: offset="
              + offsetNumber
              + ", length="
              + page.itemLength(offsetNumber)
              + ", hoff="
              + hoff
              + ", data="
              + data.length());
    }
    data.copyTo(0, page.bytes(), tuple + hoff, data.length());
  }
}
