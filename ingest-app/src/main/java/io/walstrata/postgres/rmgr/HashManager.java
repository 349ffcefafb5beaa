package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of hash indexes.
 *
 * <p>In PostgreSQL: formats {@code access/hash_xlog.h}, text {@code hashdesc.c}, replay {@code
 * hash_xlog.c}.
 */
final class HashManager implements ResourceManager {
  static final int INIT_META_PAGE = 0x00;
  static final int INIT_BITMAP_PAGE = 0x10;
  static final int INSERT = 0x20;
  static final int ADD_OVFL_PAGE = 0x30;
  static final int SPLIT_ALLOCATE_PAGE = 0x40;
  static final int SPLIT_PAGE = 0x50;
  static final int SPLIT_COMPLETE = 0x60;
  static final int MOVE_PAGE_CONTENTS = 0x70;
  static final int SQUEEZE_PAGE = 0x80;
  static final int DELETE = 0x90;
  static final int SPLIT_CLEANUP = 0xA0;
  static final int UPDATE_META_PAGE = 0xB0;
  static final int VACUUM_ONE_PAGE = 0xC0;

  @Override
  public Rmgr rmgr() {
    return Rmgr.HASH;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case INIT_META_PAGE -> "INIT_META_PAGE";
      case INIT_BITMAP_PAGE -> "INIT_BITMAP_PAGE";
      case INSERT -> "INSERT";
      case ADD_OVFL_PAGE -> "ADD_OVFL_PAGE";
      case SPLIT_ALLOCATE_PAGE -> "SPLIT_ALLOCATE_PAGE";
      case SPLIT_PAGE -> "SPLIT_PAGE";
      case SPLIT_COMPLETE -> "SPLIT_COMPLETE";
      case MOVE_PAGE_CONTENTS -> "MOVE_PAGE_CONTENTS";
      case SQUEEZE_PAGE -> "SQUEEZE_PAGE";
      case DELETE -> "DELETE";
      case SPLIT_CLEANUP -> "SPLIT_CLEANUP";
      case UPDATE_META_PAGE -> "UPDATE_META_PAGE";
      case VACUUM_ONE_PAGE -> "VACUUM_ONE_PAGE";
      default -> null;
    };
  }

  @Override
  public RecordRedo redo() {
    return new HashRedo();
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case INIT_META_PAGE -> {
        out.add("num_tuples ", number(data), ", fillfactor ", data.u16(12));
      }
      case INIT_BITMAP_PAGE -> out.add("bmsize ", data.u16(0));
      case INSERT -> out.add("off ", data.u16(0));
      case ADD_OVFL_PAGE -> {
        out.add(
            "bmsize ", data.u16(0), ", bmpage_found ", DescriptionBuilder.trueOrFalse(data.u8(2)));
      }
      case SPLIT_ALLOCATE_PAGE -> {
        int flags = data.u8(8);
        out.add("new_bucket ", data.u32(0));
        out.add(", meta_page_masks_updated ", DescriptionBuilder.trueOrFalse(flags & 1));
        out.add(", issplitpoint_changed ", DescriptionBuilder.trueOrFalse(flags & 2));
      }
      case SPLIT_COMPLETE -> {
        out.add("old_bucket_flag ", data.u16(0), ", new_bucket_flag ", data.u16(2));
      }
      case MOVE_PAGE_CONTENTS -> {
        out.add("ntups ", data.u16(0), ", is_primary ", DescriptionBuilder.trueOrFalse(data.u8(2)));
      }
      case SQUEEZE_PAGE -> {
        out.add("prevblkno ", data.u32(0), ", nextblkno ", data.u32(4));
        out.add(
            ", ntups ", data.u16(8), ", is_primary ", DescriptionBuilder.trueOrFalse(data.u8(10)));
      }
      case DELETE -> {
        out.add("clear_dead_marking ", DescriptionBuilder.trueOrFalse(data.u8(0)));
        out.add(", is_primary ", DescriptionBuilder.trueOrFalse(data.u8(1)));
      }
      case UPDATE_META_PAGE -> out.add("ntuples ", number(data));
      case VACUUM_ONE_PAGE -> vacuumOnePage(record, out);
      default -> {
        // No text beyond the type and the blocks.
      }
    }
  }

  private static void vacuumOnePage(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    // 16 made room for a flag by halving the count.
    boolean new16 = record.version().atLeast(PgVersion.V16);
    out.add("ntuples ", new16 ? data.u16(4) : data.i32(4));
    out.add(", ", DescriptionBuilder.horizon(record.version()), " ", data.u32(0));
    out.catalog(record, 6, " ");
  }

  private static String number(WalBytes data) {
    return DescriptionBuilder.shortest(Double.longBitsToDouble(data.i64(0)));
  }
}
