package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.HeapPage;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.VisibilityMap;
import io.walstrata.postgres.rmgr.RecordRedo.LsnStamp;
import io.walstrata.postgres.wal.BlockView;
import io.walstrata.postgres.wal.Forks;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;

/**
 * What heap records do to pages of the visibility map.
 *
 * <p>Bits are set by a record of their own, {@code VISIBLE}. They are cleared by the records that
 * change the heap page. Most servers do not name the map's page in those, and then its {@code
 * pd_lsn} stays; late minor releases do, and then it is set if a bit was.
 */
final class VisibilityMapRedo {
  /** Returned in place of bits: the heap block's bits are on another map page. */
  static final int NOT_ON_PAGE = -1;

  private static final int VISIBLE_MAP_BLOCK = 0;
  private static final int VISIBLE_HEAP_BLOCK = 1;

  /** {@code VISIBLE}: the relation is a catalog; from 16 on. */
  private static final int CATALOG_RELATION = 0x04;

  private VisibilityMapRedo() {}

  /** Returns whether the page to change is one of a visibility map. */
  static boolean isMapPage(RecordView record) {
    return record.key().kind() == 0 && record.key().fork() == PgKeys.VM_FORK;
  }

  /**
   * Returns how {@code pd_lsn} of a map page changes: only if the record names the page, and only
   * if a bit was set before.
   *
   * @param cleared as {@link #clear} returned it
   */
  static LsnStamp stamp(RecordView record, int cleared) {
    return record.block() == null || cleared == 0 ? LsnStamp.KEEP : LsnStamp.SET;
  }

  /**
   * Clears bits of a heap block, if the map page is the one that has them.
   *
   * @param heapId the heap block's reference
   * @return those of the bits that were set; {@link #NOT_ON_PAGE} if it is another map page
   */
  static int clear(RecordView record, Page map, int heapId, int bits) {
    BlockView heap = record.block(heapId);
    if (!isMapPageOf(heap, record.key())) {
      return NOT_ON_PAGE;
    }
    int set = VisibilityMap.bits(map, heap.block()) & bits;
    VisibilityMap.clear(map, heap.block(), bits);
    return set;
  }

  /** As {@link #clear}, of a record that clears bits of one heap block only, if it is flagged. */
  static LsnStamp clearIf(int flag, RecordView record, Page map, int bits) {
    int cleared = flag == 0 ? NOT_ON_PAGE : clear(record, map, 0, bits);
    if (cleared == NOT_ON_PAGE) {
      throw RecordRedo.unsupported(record);
    }
    return stamp(record, cleared);
  }

  private static boolean isMapPageOf(BlockView heap, PageKey map) {
    return heap.fork() == PgKeys.MAIN_FORK
        && Forks.visibilityMapBlock(heap.block()) == map.block()
        && heap.rel() == map.rel()
        && heap.db() == map.db()
        && heap.spc() == map.spc();
  }

  /*
   * VISIBLE: horizon 4 | flags 1. The map's page is block 0, the heap's page block 1.
   */
  static LsnStamp visible(RecordView record, Page page) {
    BlockView block = record.block();
    if (block == null) {
      throw RecordRedo.unsupported(record);
    }
    int flags = record.main().u8(4);
    int known =
        record.version().atLeast(PgVersion.V16)
            ? VisibilityMap.VALID_BITS | CATALOG_RELATION
            : VisibilityMap.VALID_BITS;
    if ((flags & ~known) != 0) {
      throw new WalException(record.endLsn(), "unknown flags in a VISIBLE: flags=" + flags);
    }
    if (isMapPage(record)) {
      return visibleMap(record, page, block, flags & VisibilityMap.VALID_BITS);
    }
    if (block.id() != VISIBLE_HEAP_BLOCK) {
      throw RecordRedo.unsupported(record);
    }
    HeapPage.check(page);
    page.setFlag(Page.ALL_VISIBLE);
    return LsnStamp.SET_IF_HINTS_ARE_LOGGED;
  }

  private static LsnStamp visibleMap(RecordView record, Page map, BlockView block, int bits) {
    BlockView heap = record.block(VISIBLE_HEAP_BLOCK);
    if (block.id() != VISIBLE_MAP_BLOCK || !isMapPageOf(heap, record.key())) {
      throw RecordRedo.unsupported(record);
    }
    if (VisibilityMap.bits(map, heap.block()) == bits) {
      // Nothing changes; but a page of zeros gets its header.
      VisibilityMap.set(map, heap.block(), 0);
      return LsnStamp.KEEP;
    }
    VisibilityMap.set(map, heap.block(), bits);
    return LsnStamp.SET;
  }
}
