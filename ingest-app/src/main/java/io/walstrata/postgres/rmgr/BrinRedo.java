package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.BrinPage;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;

/**
 * Replays the records of BRIN indexes. The records' structures have the names of {@code
 * access/brin_xlog.h}.
 *
 * <p>In PostgreSQL: {@code brin_xlog.c}.
 */
final class BrinRedo implements RecordRedo {
  @Override
  public LsnStamp redo(RecordView record, Page page) {
    switch (record.type() & BrinManager.TYPE_MASK) {
      case BrinManager.CREATE_INDEX -> createIndex(record, page);
      case BrinManager.INSERT -> insert(record, page, 0);
      case BrinManager.UPDATE -> update(record, page);
      case BrinManager.SAMEPAGE_UPDATE -> samePageUpdate(record, page);
      case BrinManager.REVMAP_EXTEND -> extendRevmap(record, page);
      case BrinManager.DESUMMARIZE -> desummarize(record, page);
      default -> throw RecordRedo.unsupported(record);
    }
    return LsnStamp.SET;
  }

  /** {@code xl_brin_createidx}: pagesPerRange 4, version 2. Block 0 is the meta page. */
  private static void createIndex(RecordView record, Page page) {
    if (record.blockId() != 0) {
      throw RecordRedo.unsupported(record);
    }
    BrinPage.initMeta(page, record.main().u32(0), record.main().u16(4));
  }

  /*
   * xl_brin_insert: heapBlk 4, pagesPerRange 4, offnum 2. Block 0 gets the tuple, block 1, of the
   * range map, its place.
   */
  private static void insert(RecordView record, Page page, int start) {
    ByteSpan main = record.main();
    int number = main.u16(start + 8);
    switch (record.blockId()) {
      case 0 -> {
        if ((record.type() & BrinManager.INIT) != 0) {
          BrinPage.init(page, BrinPage.REGULAR);
        }
        BrinPage.check(page, BrinPage.REGULAR);
        ByteSpan tuple = record.block(0).data();
        copy(tuple, page, page.putItem(number, checkedLength(tuple)));
      }
      case 1 -> {
        BrinPage.check(page, BrinPage.REVMAP);
        long place = record.block(0).block();
        BrinPage.setPlace(page, main.u32(start + 4), main.u32(start), place, number);
      }
      default -> throw RecordRedo.unsupported(record);
    }
  }

  /** {@code xl_brin_update}: oldOffnum 2, pad 2, xl_brin_insert. Block 2 loses the old tuple. */
  private static void update(RecordView record, Page page) {
    if (record.blockId() == 2) {
      delete(page, record.main().u16(0));
    } else {
      insert(record, page, 4);
    }
  }

  private static void delete(Page page, int number) {
    BrinPage.check(page, BrinPage.REGULAR);
    page.deleteIndexItemKeepingLine(number);
  }

  private static int checkedLength(ByteSpan tuple) {
    if (tuple.length() == 0) {
      throw new PageException("no tuple: length=0");
    }
    return tuple.length();
  }

  private static void copy(ByteSpan tuple, Page page, int at) {
    tuple.copyTo(0, page.bytes(), at, tuple.length());
  }

  /** {@code xl_brin_samepage_update}: offnum 2. Block 0 has the new tuple. */
  private static void samePageUpdate(RecordView record, Page page) {
    if (record.blockId() != 0) {
      throw RecordRedo.unsupported(record);
    }
    BrinPage.check(page, BrinPage.REGULAR);
    ByteSpan tuple = record.block(0).data();
    copy(tuple, page, page.replaceIndexItem(record.main().u16(0), checkedLength(tuple)));
  }

  /*
   * xl_brin_revmap_extend: targetBlk 4. Block 0 is the meta page, block 1 becomes a page of the
   * range map.
   */
  private static void extendRevmap(RecordView record, Page page) {
    switch (record.blockId()) {
      case 0 -> {
        BrinPage.check(page, BrinPage.META);
        BrinPage.setLastRevmapPage(page, record.main().u32(0));
      }
      case 1 -> BrinPage.init(page, BrinPage.REVMAP);
      default -> throw RecordRedo.unsupported(record);
    }
  }

  /*
   * xl_brin_desummarize: pagesPerRange 4, heapBlk 4, regOffset 2. Block 0, of the range map, loses
   * the place, block 1 the tuple.
   */
  private static void desummarize(RecordView record, Page page) {
    ByteSpan main = record.main();
    switch (record.blockId()) {
      case 0 -> {
        BrinPage.check(page, BrinPage.REVMAP);
        BrinPage.setPlace(page, main.u32(0), main.u32(4), 0, 0);
      }
      case 1 -> delete(page, main.u16(8));
      default -> throw RecordRedo.unsupported(record);
    }
  }
}
