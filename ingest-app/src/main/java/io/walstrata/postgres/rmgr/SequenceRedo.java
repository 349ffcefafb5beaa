package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;

/**
 * Replays the records of sequences: each builds the sequence's only page from nothing, with one
 * tuple.
 *
 * <p>In PostgreSQL: {@code xl_seq_rec} of {@code commands/sequence.h} (the relation, 12 bytes),
 * which the tuple follows; {@code seq_redo}.
 */
final class SequenceRedo implements RecordRedo {
  private static final int SEQ_REC_BYTES = 12;
  private static final int SPECIAL_BYTES = 8;
  private static final int MAGIC = 0x1717;

  @Override
  public LsnStamp redo(RecordView record, Page page) {
    if (record.type() != SequenceManager.LOG || record.blockId() != 0) {
      throw RecordRedo.unsupported(record);
    }
    ByteSpan main = record.main();
    int length = main.length() - SEQ_REC_BYTES;
    if (length <= 0) {
      throw new WalException(
          record.endLsn(), "sequence without its tuple: length=" + main.length());
    }
    page.init(SPECIAL_BYTES);
    page.putI32(page.special(), MAGIC);
    int at = page.insertItem(1, length);
    main.copyTo(SEQ_REC_BYTES, page.bytes(), at, length);
    return LsnStamp.SET;
  }
}
