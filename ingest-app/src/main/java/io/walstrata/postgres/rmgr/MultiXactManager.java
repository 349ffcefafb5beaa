package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.Slru;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of multixacts: groups of transactions that hold a lock on one row.
 *
 * <p>In PostgreSQL: formats {@code access/multixact.h}, text {@code mxactdesc.c}, replay {@code
 * multixact.c}.
 */
final class MultiXactManager implements ResourceManager {
  static final int ZERO_OFFSETS_PAGE = 0x00;
  static final int ZERO_MEMBERS_PAGE = 0x10;
  static final int CREATE = 0x20;
  private static final int TRUNCATE = 0x30;

  private static final String[] MEMBER_STATUS = {
    "keysh", "sh", "fornokeyupd", "forupd", "nokeyupd", "upd"
  };

  private static final long U32 = 0xFFFFFFFFL;

  @Override
  public Rmgr rmgr() {
    return Rmgr.MULTIXACT;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case ZERO_OFFSETS_PAGE -> "ZERO_OFF_PAGE";
      case ZERO_MEMBERS_PAGE -> "ZERO_MEM_PAGE";
      case CREATE -> "CREATE_ID";
      case TRUNCATE -> "TRUNCATE_ID";
      default -> null;
    };
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case ZERO_OFFSETS_PAGE, ZERO_MEMBERS_PAGE -> out.add(SlruPages.pageNumber(record));
      case CREATE -> {
        int count = data.count(8, 8);
        out.add(data.u32(0), " offset ", data.u32(4), " nmembers ", count, ": ");
        for (int i = 0, at = 12; i < count; i++, at += 8) {
          out.add(data.u32(at), " (", status(data.i32(at + 4)), ") ");
        }
      }
      case TRUNCATE -> {
        out.add("offsets [", data.u32(4), ", ", data.u32(8));
        out.add("), members [", data.u32(12), ", ", data.u32(16), ")");
      }
      default -> {
        // An unknown type has no text but its number.
      }
    }
  }

  private static String status(int status) {
    return status >= 0 && status < MEMBER_STATUS.length ? MEMBER_STATUS[status] : "unk";
  }

  @Override
  public RecordRedo redo() {
    return new MultiXactRedo();
  }

  @Override
  public void effects(WalRecord record, EffectsBuilder effects) {
    switch (record.type()) {
      case ZERO_OFFSETS_PAGE ->
          effects.init(PgKeys.slru(Slru.MULTIXACT_OFFSETS, SlruPages.pageNumber(record)));
      case ZERO_MEMBERS_PAGE ->
          effects.init(PgKeys.slru(Slru.MULTIXACT_MEMBERS, SlruPages.pageNumber(record)));
      case CREATE -> create(record.mainData(), effects);
      case TRUNCATE -> truncate(record.mainData(), effects);
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

  /**
   * Deletes offsets before the page of the last multixact that is deleted, and members by segment.
   */
  private static void truncate(WalBytes data, EffectsBuilder effects) {
    long endMultixact = data.u32(8);
    long last = endMultixact <= 1 ? U32 : endMultixact - 1;
    SlruPages.deleteBefore(Slru.MULTIXACT_OFFSETS, Slru.MULTIXACT_OFFSETS.page(last), effects);
    Slru members = Slru.MULTIXACT_MEMBERS;
    SlruPages.deleteSegments(
        members, members.segment(data.u32(12)), members.segment(data.u32(16)), effects);
    effects.change(PgKeys.CHECKPOINT);
  }
}
