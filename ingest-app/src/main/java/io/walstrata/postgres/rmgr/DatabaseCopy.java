package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalException;
import org.jspecify.annotations.Nullable;

/**
 * What a Database CREATE_FILE_COPY record states: the files of a database in one tablespace are
 * those of another one.
 *
 * @param lsn the record's end: the copy is the source as of this LSN
 * @param spc the source's tablespace
 * @param db the source
 */
public record DatabaseCopy(Lsn lsn, long spc, long db) {
  /**
   * Reads a record.
   *
   * @return null if the record is another one, or copies another database than that of its key
   * @throws WalException if its contents are damaged
   */
  public static @Nullable DatabaseCopy read(RecordView record) {
    if (record.rmgrId() != Rmgr.DATABASE.id()
        || record.type() != DatabaseManager.CREATE_FILE_COPY) {
      return null;
    }
    ByteSpan main = record.main();
    PageKey key = record.key();
    return main.u32(0) == key.db() && main.u32(4) == key.spc()
        ? new DatabaseCopy(record.endLsn(), main.u32(12), main.u32(8))
        : null;
  }

  /**
   * Returns what a page of the copy was copied from.
   *
   * @throws WalException if the tablespace is one that no key can hold
   */
  public PageKey source(PageKey key) {
    try {
      return PageKey.of(key.kind(), spc, db, key.rel(), key.fork(), key.block());
    } catch (UnrepresentableKeyException e) {
      throw new WalException(lsn, String.valueOf(e.getMessage()));
    }
  }
}
