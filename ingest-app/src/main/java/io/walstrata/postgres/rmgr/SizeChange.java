package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.Forks;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.Rmgr;

/**
 * What a Storage record on the key of a fork's size states.
 *
 * @param isCreate whether it makes the fork, empty; otherwise it truncates it
 * @param blocks how many blocks the fork has after it, at most if it is truncated
 */
public record SizeChange(boolean isCreate, long blocks) {
  /**
   * Reads a record.
   *
   * @throws RedoException if the record does not set the size of its key's fork
   * @throws io.walstrata.postgres.wal.WalException if its contents are damaged
   */
  public static SizeChange read(RecordView record) {
    PageKey key = record.key();
    ByteSpan main = record.main();
    if (record.rmgrId() == Rmgr.STORAGE.id()) {
      if (record.type() == StorageManager.CREATE
          && names(key, main, 0)
          && main.i32(12) == key.fork()) {
        return new SizeChange(true, 0);
      }
      if (record.type() == StorageManager.TRUNCATE && names(key, main, 4)) {
        return new SizeChange(false, kept(key.fork(), main.u32(0)));
      }
    }
    throw RecordRedo.unsupported(record);
  }

  /** Returns whether tablespace, database and relation at an offset are those of a key. */
  static boolean names(PageKey key, ByteSpan main, int offset) {
    return main.u32(offset) == key.spc()
        && main.u32(offset + 4) == key.db()
        && main.u32(offset + 8) == key.rel();
  }

  /** Returns how many blocks a fork keeps when the heap is truncated to this many. */
  private static long kept(int fork, long heapBlocks) {
    return switch (fork) {
      case PgKeys.VM_FORK -> Forks.visibilityMapBlocks(heapBlocks);
      case PgKeys.FSM_FORK -> Forks.freeSpaceMapBlocks(heapBlocks);
      default -> heapBlocks;
    };
  }
}
