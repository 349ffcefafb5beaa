package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.Slru;
import io.walstrata.postgres.wal.WalException;

/**
 * What the redo of four resource managers shares: pages of the transaction status areas, and the
 * records that fill one with zeros. Such pages have no header, so no {@code pd_lsn}.
 */
final class SlruRedo {
  private SlruRedo() {}

  /** Returns the redo of a manager that has one status area, whose pages its records empty. */
  static RecordRedo of(Slru slru) {
    return new RecordRedo() {
      @Override
      public LsnStamp redo(RecordView record, Page page) {
        return zero(slru, record, page);
      }

      @Override
      public boolean startsFromNothing(RecordView record) {
        return record.type() == SlruPages.ZERO_PAGE;
      }
    };
  }

  private static RecordRedo.LsnStamp zero(Slru slru, RecordView record, Page page) {
    // A TRUNCATE deletes segments: no page has it as a version.
    if (record.type() != SlruPages.ZERO_PAGE) {
      throw RecordRedo.unsupported(record);
    }
    return zeroPage(slru, record, page);
  }

  /** Replays a record that fills a page with zeros. */
  static RecordRedo.LsnStamp zeroPage(Slru slru, RecordView record, Page page) {
    if (!isOf(slru, record.key()) || pageNumber(record) != pageOf(record.key())) {
      throw RecordRedo.unsupported(record);
    }
    page.clear();
    return RecordRedo.LsnStamp.KEEP;
  }

  /** Returns the number of the page that a ZEROPAGE record is about; 64 bits from 17 on. */
  private static long pageNumber(RecordView record) {
    return record.version().atLeast(PgVersion.V17) ? record.main().i64(0) : record.main().u32(0);
  }

  /** Returns whether a key is that of a page of a status area. */
  static boolean isOf(Slru slru, PageKey key) {
    return key.kind() == 1 && key.spc() == slru.id() && key.block() < Slru.PAGES_PER_SEGMENT;
  }

  /** Returns the number of the page that a key of a status area stands for. */
  static long pageOf(PageKey key) {
    return key.rel() * Slru.PAGES_PER_SEGMENT + key.block();
  }

  /**
   * Returns the number of elements of a list in a record's main data.
   *
   * @param offset where the list begins
   * @throws WalException if the record does not hold them
   */
  static int count(RecordView record, long count, int offset, int elementBytes) {
    int rest = record.main().length() - offset;
    if (count < 0 || count > Math.max(rest, 0) / elementBytes) {
      throw new WalException(
          record.endLsn(),
          "more elements announced than the record holds: offset=" + offset + ", count=" + count);
    }
    return (int) count;
  }
}
