package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.Slru;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;

/** CLOG, MultiXact and CommitTs records: pages of the transaction status areas. */
final class SlruEffects {
  private static final int ZERO_PAGE = 0x00;
  private static final int TRUNCATE = 0x10;

  private static final int MULTIXACT_ZERO_MEMBERS = 0x10;
  private static final int MULTIXACT_CREATE = 0x20;
  private static final int MULTIXACT_TRUNCATE = 0x30;

  private static final long U32 = 0xFFFFFFFFL;

  private SlruEffects() {}

  static void add(WalRecord record, EffectsBuilder effects) {
    switch (Rmgr.of(record.rmgrId())) {
      case CLOG -> simple(Slru.CLOG, record, effects);
      case COMMIT_TS -> simple(Slru.COMMIT_TS, record, effects);
      default -> multixact(record, effects);
    }
  }

  private static void simple(Slru slru, WalRecord record, EffectsBuilder effects) {
    long page = pageNumber(record);
    switch (record.type()) {
      case ZERO_PAGE -> effects.init(PgKeys.slru(slru, page));
      case TRUNCATE -> {
        dropBefore(slru, page, effects);
        effects.change(PgKeys.CHECKPOINT);
      }
      default ->
          throw record
              .mainData()
              .error("unknown type of record: rmgr=" + slru + ", info=" + record.info());
    }
  }

  /**
   * A page number has 64 bits from 17 on, but pages beyond what 32 bits of entries need are not.
   */
  static long pageNumber(WalRecord record) {
    WalBytes data = record.mainData();
    long page = record.version().atLeast(PgVersion.V17) ? data.i64(0) : data.u32(0);
    if (page < 0 || page > U32) {
      throw data.error("impossible page number: page=" + page);
    }
    return page;
  }

  private static void multixact(WalRecord record, EffectsBuilder effects) {
    switch (record.type()) {
      case ZERO_PAGE -> effects.init(PgKeys.slru(Slru.MULTIXACT_OFFSETS, pageNumber(record)));
      case MULTIXACT_ZERO_MEMBERS ->
          effects.init(PgKeys.slru(Slru.MULTIXACT_MEMBERS, pageNumber(record)));
      case MULTIXACT_CREATE -> create(record.mainData(), effects);
      case MULTIXACT_TRUNCATE -> truncate(record.mainData(), effects);
      default ->
          throw record.mainData().error("unknown type of MultiXact record: info=" + record.info());
    }
  }

  private static void create(WalBytes data, EffectsBuilder effects) {
    long multixact = data.u32(0);
    long firstMember = data.u32(4);
    long count = data.count(8, 8);
    Slru offsets = Slru.MULTIXACT_OFFSETS;
    effects.change(PgKeys.slru(offsets, offsets.page(multixact)));
    // Newer minor releases also store where the next multixact will start; number 0 is skipped.
    long next = multixact == U32 ? 1 : multixact + 1;
    effects.change(PgKeys.slru(offsets, offsets.page(next)));
    Slru members = Slru.MULTIXACT_MEMBERS;
    for (long member = 0; member < count; member++) {
      long page = members.page((firstMember + member) & U32);
      effects.change(PgKeys.slru(members, page));
    }
  }

  /** Offsets go up to before the page of the last multixact dropped, members by whole segments. */
  private static void truncate(WalBytes data, EffectsBuilder effects) {
    long endMultixact = data.u32(8);
    long last = endMultixact <= 1 ? U32 : endMultixact - 1;
    dropBefore(Slru.MULTIXACT_OFFSETS, Slru.MULTIXACT_OFFSETS.page(last), effects);
    Slru members = Slru.MULTIXACT_MEMBERS;
    dropSegments(members, members.segment(data.u32(12)), members.segment(data.u32(16)), effects);
    effects.change(PgKeys.CHECKPOINT);
  }

  /**
   * Drops the segments that lie wholly before a page. Entries are numbered in a circle, where
   * "before" is the half of it that leads up to here.
   */
  private static void dropBefore(Slru slru, long page, EffectsBuilder effects) {
    long all = slru.allSegments();
    long end = page / Slru.PAGES_PER_SEGMENT % all;
    dropSegments(slru, (end - (all / 2 - 1) + all) % all, end, effects);
  }

  /** Drops from {@code start} to before {@code end}, around the circle if need be. */
  private static void dropSegments(Slru slru, long start, long end, EffectsBuilder effects) {
    if (start < end) {
      effects.drop(() -> PgKeys.slruSegments(slru, start, end));
    } else if (start > end) {
      effects.drop(() -> PgKeys.slruSegments(slru, start, slru.allSegments()));
      if (end > 0) {
        effects.drop(() -> PgKeys.slruSegments(slru, 0, end));
      }
    }
  }
}
