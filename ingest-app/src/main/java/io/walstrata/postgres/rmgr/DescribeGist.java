package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/** Descriptions of Gist records. */
final class DescribeGist {
  private static final int DELETE = 0x10;
  private static final int PAGE_REUSE = 0x20;
  private static final int PAGE_SPLIT = 0x30;
  private static final int PAGE_DELETE = 0x60;

  private DescribeGist() {}

  static @Nullable String type(WalRecord record) {
    return switch (record.type()) {
      case 0x00 -> "PAGE_UPDATE";
      case DELETE -> "DELETE";
      case PAGE_REUSE -> "PAGE_REUSE";
      case PAGE_SPLIT -> "PAGE_SPLIT";
      case PAGE_DELETE -> "PAGE_DELETE";
      case 0x70 -> "ASSIGN_LSN";
      default -> null;
    };
  }

  static void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    String horizon = horizon(record.version());
    switch (record.type()) {
      case DELETE -> {
        out.add("delete: ", horizon, " ", data.u32(0), ", nitems: ", data.u16(4));
        catalog(record, 6, out);
      }
      case PAGE_REUSE -> {
        out.add("rel ").relation(data, 0).add("; blk ", data.u32(12), "; ", horizon, " ");
        out.add(DescriptionBuilder.fullXid(data.i64(16)));
        catalog(record, 24, out);
      }
      case PAGE_SPLIT -> out.add("page_split: splits to ", data.u16(18), " pages");
      case PAGE_DELETE ->
          out.add(
              "deleteXid ", DescriptionBuilder.fullXid(data.i64(0)), "; downlink ", data.u16(8));
      default -> {
        // The type and the blocks say it all.
      }
    }
  }

  /** The name changed with 16. */
  static String horizon(PgVersion version) {
    return version.atLeast(PgVersion.V16) ? "snapshotConflictHorizon" : "latestRemovedXid";
  }

  /** Adds the flag that 16 introduced and 17 began to print. */
  static void catalog(WalRecord record, int offset, DescriptionBuilder out) {
    if (record.version().atLeast(PgVersion.V17)) {
      out.add(", isCatalogRel ", DescriptionBuilder.trueOrFalse(record.mainData().u8(offset)));
    }
  }
}
