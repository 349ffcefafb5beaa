package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.BlockView;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;

/**
 * Replays changes of bytes. The data of a block are stretches: offset 2, length 2, bytes.
 *
 * <p>In PostgreSQL: {@code generic_xlog.c}.
 */
final class GenericRedo implements RecordRedo {
  @Override
  public LsnStamp redo(RecordView record, Page page) {
    BlockView block = record.block(record.blockId());
    if (block.willInit()) {
      // It would have the image: stretches are changes of a page that is there.
      throw RecordRedo.unsupported(record);
    }
    ByteSpan data = block.data();
    for (int at = 0; at < data.length(); ) {
      int length = data.u16(at + 2);
      int offset = page.at(data.u16(at), length);
      data.copyTo(at + 4, page.bytes(), offset, length);
      at += 4 + length;
    }
    clearHole(page);
    return LsnStamp.SET;
  }

  /** The stretches do not cover the hole: the server that wrote them had zeros there. */
  private static void clearHole(Page page) {
    int length = page.freeBytes();
    if (length < 0) {
      throw new PageException(
          "page header is damaged: lower=" + page.lower() + ", upper=" + page.upper());
    }
    page.fill(page.lower(), length, 0);
  }
}
