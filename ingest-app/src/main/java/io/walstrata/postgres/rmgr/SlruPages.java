package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Slru;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;

/** What three resource managers share: records about pages of the transaction status areas. */
final class SlruPages {
  /** Types of CLOG and CommitTs records. */
  static final int ZERO_PAGE = 0x00;

  static final int TRUNCATE = 0x10;

  private static final long U32 = 0xFFFFFFFFL;

  private SlruPages() {}

  /** Adds the effects of a record of a manager that has one status area and these two types. */
  static void zeroOrTruncate(Slru slru, WalRecord record, EffectsBuilder effects) {
    long page = pageNumber(record);
    switch (record.type()) {
      case ZERO_PAGE -> effects.init(PgKeys.slru(slru, page));
      case TRUNCATE -> {
        deleteBefore(slru, page, effects);
        effects.change(PgKeys.CHECKPOINT);
      }
      default ->
          throw record
              .mainData()
              .error("unknown type of record: rmgr=" + slru + ", info=" + record.info());
    }
  }

  /** Returns the number of the page that a record is about. */
  static long pageNumber(WalRecord record) {
    WalBytes data = record.mainData();
    // 64 bits from 17 on, but 2^32 entries do not need more pages than 32 bits number.
    long page = record.version().atLeast(PgVersion.V17) ? data.i64(0) : data.u32(0);
    if (page < 0 || page > U32) {
      throw data.error("impossible page number: page=" + page);
    }
    return page;
  }

  /** Returns the oldest transaction that stays, of a TRUNCATE record. */
  static long oldestXid(WalRecord record) {
    // The page number before it has 8 bytes from 17 on.
    return record.mainData().u32(record.version().atLeast(PgVersion.V17) ? 8 : 4);
  }

  /**
   * Deletes the segments that lie wholly before a page. Entries are numbered in a circle, where
   * "before" is the half of it that leads up to here.
   */
  static void deleteBefore(Slru slru, long page, EffectsBuilder effects) {
    long all = slru.allSegments();
    long end = page / Slru.PAGES_PER_SEGMENT % all;
    deleteSegments(slru, (end - (all / 2 - 1) + all) % all, end, effects);
  }

  /**
   * Deletes the segments from {@code start} to before {@code end}, around the circle if need be.
   */
  static void deleteSegments(Slru slru, long start, long end, EffectsBuilder effects) {
    if (start < end) {
      effects.tombstone(() -> PgKeys.slruSegments(slru, start, end));
    } else if (start > end) {
      effects.tombstone(() -> PgKeys.slruSegments(slru, start, slru.allSegments()));
      if (end > 0) {
        effects.tombstone(() -> PgKeys.slruSegments(slru, 0, end));
      }
    }
  }
}
