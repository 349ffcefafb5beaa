package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.RecordView;

/**
 * Replays what the log itself records of pages: whole images, which need no work here. A reference
 * without an applied image is one of {@code wal_consistency_checking}.
 */
final class XlogRedo implements RecordRedo {
  private static final int FPI_FOR_HINT = 0xA0;

  @Override
  public LsnStamp redo(RecordView record, Page page) {
    int type = record.type();
    // An FPI always has its image; an FPI_FOR_HINT only if full page writes are on.
    if (record.block() == null || type != FPI_FOR_HINT) {
      throw RecordRedo.unsupported(record);
    }
    return LsnStamp.KEEP;
  }
}
