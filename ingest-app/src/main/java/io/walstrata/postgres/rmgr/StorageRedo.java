package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.VisibilityMap;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.Forks;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordView;

/**
 * Replays what a truncation does to a page that stays: the last one of the visibility map loses the
 * bits of the blocks that go.
 */
final class StorageRedo implements RecordRedo {
  @Override
  public LsnStamp redo(RecordView record, Page page) {
    ByteSpan main = record.main();
    PageKey key = record.key();
    if (record.type() != StorageManager.TRUNCATE
        || key.fork() != PgKeys.VM_FORK
        || (main.i32(16) & StorageManager.TRUNCATE_VM) == 0
        || !SizeChange.names(key, main, 4)
        || key.block() != Forks.visibilityMapBlock(main.u32(0))) {
      throw RecordRedo.unsupported(record);
    }
    // A page of zeros has no bits to clear. It may not be there at all: a truncation makes none.
    if (!page.isNew()) {
      VisibilityMap.truncate(page, main.u32(0));
    }
    return LsnStamp.KEEP;
  }

  @Override
  public boolean startsFromNothing(RecordView record) {
    return false;
  }
}
