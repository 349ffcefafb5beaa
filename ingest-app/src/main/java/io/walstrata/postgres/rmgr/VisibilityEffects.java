package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.BlockReference;
import io.walstrata.postgres.wal.Forks;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;

/**
 * Heap records that clear bits of the visibility map. Most servers do not name the map's page in
 * the record; late minor releases do, and then the block reference is the effect.
 */
final class VisibilityEffects {
  private static final int TYPE_MASK = 0x70;

  private static final int HEAP_INSERT = 0x00;
  private static final int HEAP_DELETE = 0x10;
  private static final int HEAP_UPDATE = 0x20;
  private static final int HEAP_HOT_UPDATE = 0x40;
  private static final int HEAP_LOCK = 0x60;

  private static final int HEAP2_MULTI_INSERT = 0x50;
  private static final int HEAP2_LOCK_UPDATED = 0x60;

  /** The flag in all of them: "all visible" cleared, or "all frozen" for the two locks. */
  private static final int CLEARED = 0x01;

  /** The same for an update's new page. */
  private static final int NEW_CLEARED = 0x02;

  private VisibilityEffects() {}

  static void add(WalRecord record, EffectsBuilder effects) {
    WalBytes data = record.mainData();
    int type = record.info() & TYPE_MASK;
    if (Rmgr.of(record.rmgrId()) == Rmgr.HEAP2) {
      switch (type) {
        case HEAP2_MULTI_INSERT -> clearIf(data.u8(0) & CLEARED, record, 0, effects);
        case HEAP2_LOCK_UPDATED -> clearIf(data.u8(7) & CLEARED, record, 0, effects);
        default -> {
          // VISIBLE names the map's page; the others leave the map alone.
        }
      }
      return;
    }
    switch (type) {
      case HEAP_INSERT -> clearIf(data.u8(2) & CLEARED, record, 0, effects);
      case HEAP_DELETE, HEAP_LOCK -> clearIf(data.u8(7) & CLEARED, record, 0, effects);
      case HEAP_UPDATE, HEAP_HOT_UPDATE -> {
        clearIf(data.u8(7) & NEW_CLEARED, record, 0, effects);
        // The old tuple is on block 1, or on block 0 with the new one.
        clearIf(data.u8(7) & CLEARED, record, heapBlocks(record) > 1 ? 1 : 0, effects);
      }
      default -> {
        // TRUNCATE, CONFIRM and INPLACE leave the map alone.
      }
    }
  }

  private static int heapBlocks(WalRecord record) {
    int count = 0;
    for (BlockReference block : record.blocks()) {
      if (block.fork() == PgKeys.MAIN_FORK) {
        count++;
      }
    }
    return count;
  }

  private static void clearIf(int flag, WalRecord record, int index, EffectsBuilder effects) {
    if (flag == 0) {
      return;
    }
    if (record.blocks().size() <= index) {
      throw record.mainData().error("heap record without its block: index=" + index);
    }
    BlockReference heap = record.blocks().get(index);
    effects.change(
        () ->
            PgKeys.block(
                heap.spc(),
                heap.db(),
                heap.rel(),
                PgKeys.VM_FORK,
                Forks.visibilityMapBlock(heap.block())));
  }
}
