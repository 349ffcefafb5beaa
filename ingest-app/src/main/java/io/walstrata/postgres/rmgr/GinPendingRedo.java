package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.GinPage;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;

/**
 * Replays records of a GIN index's pending list: of its pages, and of the meta page, which has its
 * head and tail.
 *
 * <p>In PostgreSQL: formats {@code access/ginxlog.h}, replay {@code ginxlog.c}.
 */
final class GinPendingRedo {
  /*
   * UPDATE_META_PAGE: relation 12, pad 4 | GinMetaPageData 56 | prevTail 4 | newRightlink 4 |
   *   ntuples 4; blocks: 0 the meta page, 1 the tail page: tuples
   * INSERT_LISTPAGE: rightlink 4 | ntuples 4; block 0: tuples
   * DELETE_LISTPAGE: GinMetaPageData 56 | ndeleted 4; blocks: 0 the meta page, 1 on deleted ones
   */
  private static final int UPDATE_META = 16;
  private static final int PREV_TAIL = UPDATE_META + GinPage.META_BYTES;
  private static final int NEW_RIGHTLINK = PREV_TAIL + 4;
  private static final int META_TUPLES = NEW_RIGHTLINK + 4;
  private static final int META_PAGE = 0;
  private static final int TAIL_PAGE = 1;

  private GinPendingRedo() {}

  static void updateMetaPage(RecordView record, int block, Page page) {
    switch (block) {
      case META_PAGE -> fillMeta(record.main(), UPDATE_META, page);
      case TAIL_PAGE -> {
        GinPage.check(page);
        updateTail(record, page);
      }
      default -> throw RecordRedo.unsupported(record);
    }
  }

  /** Builds the meta page from nothing. */
  private static void fillMeta(ByteSpan from, int at, Page page) {
    GinPage.initMeta(page);
    RecordTuples.copy(from, at, GinPage.META_BYTES, page, GinPage.META);
  }

  /** Adds tuples to the last page of the list, or links it to the page that follows. */
  private static void updateTail(RecordView record, Page page) {
    ByteSpan main = record.main();
    int tuples = main.i32(META_TUPLES);
    if (tuples > 0) {
      RecordTuples.append(record, record.block(TAIL_PAGE).data(), 0, tuples, page);
      // They are those of one more heap tuple.
      GinPage.setMaxoff(page, GinPage.maxoff(page) + 1);
    } else if (main.u32(PREV_TAIL) != GinPage.INVALID_BLOCK) {
      GinPage.setRightlink(page, main.u32(NEW_RIGHTLINK));
    } else {
      throw RecordRedo.unsupported(record);
    }
  }

  static void insertListPage(RecordView record, int block, Page page) {
    if (block != 0) {
      throw RecordRedo.unsupported(record);
    }
    long rightlink = record.main().u32(0);
    boolean isTail = rightlink == GinPage.INVALID_BLOCK;
    GinPage.init(page, isTail ? GinPage.GIN_LIST | GinPage.GIN_LIST_FULLROW : GinPage.GIN_LIST);
    GinPage.setRightlink(page, rightlink);
    GinPage.setMaxoff(page, isTail ? 1 : 0);
    RecordTuples.append(record, record.block(0).data(), 0, record.main().u32(4), page);
  }

  static void deleteListPage(RecordView record, int block, Page page) {
    if (block == META_PAGE) {
      fillMeta(record.main(), 0, page);
      return;
    }
    long deleted = record.main().u32(GinPage.META_BYTES);
    if (block > deleted) {
      throw new WalException(
          record.endLsn(), "record with more pages than it states: deleted=" + deleted);
    }
    GinPage.init(page, GinPage.GIN_DELETED);
  }
}
