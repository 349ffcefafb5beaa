package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of GiST indexes.
 *
 * <p>In PostgreSQL: formats {@code access/gistxlog.h}, text {@code gistdesc.c}, replay {@code
 * gistxlog.c}.
 */
final class GistManager implements ResourceManager {
  static final int PAGE_UPDATE = 0x00;
  static final int DELETE = 0x10;
  private static final int PAGE_REUSE = 0x20;
  static final int PAGE_SPLIT = 0x30;
  static final int PAGE_DELETE = 0x60;
  private static final int ASSIGN_LSN = 0x70;

  @Override
  public Rmgr rmgr() {
    return Rmgr.GIST;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case PAGE_UPDATE -> "PAGE_UPDATE";
      case DELETE -> "DELETE";
      case PAGE_REUSE -> "PAGE_REUSE";
      case PAGE_SPLIT -> "PAGE_SPLIT";
      case PAGE_DELETE -> "PAGE_DELETE";
      case ASSIGN_LSN -> "ASSIGN_LSN";
      default -> null;
    };
  }

  @Override
  public RecordRedo redo() {
    return new GistRedo();
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    String horizon = DescriptionBuilder.horizon(record.version());
    switch (record.type()) {
      case DELETE -> {
        out.add("delete: ", horizon, " ", data.u32(0), ", nitems: ", data.u16(4));
        out.catalog(record, 6, " ");
      }
      case PAGE_REUSE -> {
        out.add("rel ").relation(data, 0).add("; blk ", data.u32(12), "; ", horizon, " ");
        out.add(DescriptionBuilder.fullXid(data.i64(16)));
        out.catalog(record, 24, " ");
      }
      case PAGE_SPLIT -> out.add("page_split: splits to ", data.u16(18), " pages");
      case PAGE_DELETE ->
          out.add(
              "deleteXid ", DescriptionBuilder.fullXid(data.i64(0)), "; downlink ", data.u16(8));
      default -> {
        // No text beyond the type and the blocks.
      }
    }
  }
}
