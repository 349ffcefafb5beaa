package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordView;

/**
 * Replays the copy of a database on the copy's relation map, which the caller has read from the
 * source: see {@link DatabaseCopy}. Nothing is left to do then.
 */
final class DatabaseRedo implements RecordRedo {
  @Override
  public LsnStamp redo(RecordView record, Page page) {
    PageKey key = record.key();
    DatabaseCopy copy = DatabaseCopy.read(record);
    if (copy == null || !key.equals(PgKeys.relationMap(key.spc(), key.db()))) {
      throw RecordRedo.unsupported(record);
    }
    return LsnStamp.KEEP;
  }

  @Override
  public boolean startsFromNothing(RecordView record) {
    return false;
  }
}
