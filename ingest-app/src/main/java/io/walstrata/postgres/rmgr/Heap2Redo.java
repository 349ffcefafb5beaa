package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.Heap2Manager.FREEZE_PAGE;
import static io.walstrata.postgres.rmgr.Heap2Manager.LOCK_UPDATED;
import static io.walstrata.postgres.rmgr.Heap2Manager.MULTI_INSERT;
import static io.walstrata.postgres.rmgr.Heap2Manager.MULTI_INSERT_INIT;
import static io.walstrata.postgres.rmgr.Heap2Manager.PRUNE;
import static io.walstrata.postgres.rmgr.Heap2Manager.VACUUM;
import static io.walstrata.postgres.rmgr.Heap2Manager.VISIBLE;
import static io.walstrata.postgres.rmgr.HeapManager.CLEARED;

import io.walstrata.postgres.page.HeapPage;
import io.walstrata.postgres.page.HeapTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.VisibilityMap;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;

/**
 * Replays the records of {@link Heap2Manager}. NEW_CID and REWRITE change no page: they are for
 * logical decoding.
 */
final class Heap2Redo implements RecordRedo {
  @Override
  public LsnStamp redo(RecordView record, Page page) {
    int type = record.type();
    if (type == VISIBLE) {
      return VisibilityMapRedo.visible(record, page);
    }
    if (VisibilityMapRedo.isMapPage(record)) {
      return clearVisibility(record, page);
    }
    if (HeapRedo.heapBlock(record) != 0) {
      throw RecordRedo.unsupported(record);
    }
    switch (type) {
      case PRUNE, VACUUM, FREEZE_PAGE -> PruneRedo.redo(record, page);
      case MULTI_INSERT -> TupleInsert.multiInsert(record, page, /* isInit= */ false);
      case MULTI_INSERT_INIT -> {
        page.init(0);
        TupleInsert.multiInsert(record, page, /* isInit= */ true);
      }
      case LOCK_UPDATED -> lockUpdated(record, page);
      default -> throw RecordRedo.unsupported(record);
    }
    return LsnStamp.SET;
  }

  private static LsnStamp clearVisibility(RecordView record, Page map) {
    ByteSpan main = record.main();
    return switch (record.type()) {
      case MULTI_INSERT, MULTI_INSERT_INIT ->
          VisibilityMapRedo.clearIf(main.u8(0) & CLEARED, record, map, VisibilityMap.VALID_BITS);
      case LOCK_UPDATED ->
          VisibilityMapRedo.clearIf(main.u8(7) & CLEARED, record, map, VisibilityMap.ALL_FROZEN);
      default -> throw RecordRedo.unsupported(record);
    };
  }

  /** LOCK_UPDATED: xmax 4 | offset 2 | infobits 1 | flags 1. Unlike LOCK it keeps t_cid. */
  private static void lockUpdated(RecordView record, Page page) {
    ByteSpan main = record.main();
    HeapPage.check(page);
    int tuple = page.normalItem(main.u16(4), HeapTuple.HEADER_BYTES);
    InfoBits.setXmaxBits(page, tuple, main.u8(6));
    HeapTuple.setXmax(page, tuple, main.u32(0));
  }
}
