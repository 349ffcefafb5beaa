package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of B-tree indexes.
 *
 * <p>In PostgreSQL: formats {@code access/nbtxlog.h}, text {@code nbtdesc.c}, replay {@code
 * nbtxlog.c}.
 */
final class BtreeManager implements ResourceManager {
  static final int INSERT_LEAF = 0x00;
  static final int INSERT_UPPER = 0x10;
  static final int INSERT_META = 0x20;
  static final int SPLIT_L = 0x30;
  static final int SPLIT_R = 0x40;
  static final int INSERT_POST = 0x50;
  static final int DEDUP = 0x60;
  static final int DELETE = 0x70;
  static final int UNLINK_PAGE = 0x80;
  static final int UNLINK_PAGE_META = 0x90;
  static final int NEWROOT = 0xA0;
  static final int MARK_PAGE_HALFDEAD = 0xB0;
  static final int VACUUM = 0xC0;
  static final int REUSE_PAGE = 0xD0;
  static final int META_CLEANUP = 0xE0;

  @Override
  public Rmgr rmgr() {
    return Rmgr.BTREE;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case INSERT_LEAF -> "INSERT_LEAF";
      case INSERT_UPPER -> "INSERT_UPPER";
      case INSERT_META -> "INSERT_META";
      case SPLIT_L -> "SPLIT_L";
      case SPLIT_R -> "SPLIT_R";
      case INSERT_POST -> "INSERT_POST";
      case DEDUP -> "DEDUP";
      case DELETE -> "DELETE";
      case UNLINK_PAGE -> "UNLINK_PAGE";
      case UNLINK_PAGE_META -> "UNLINK_PAGE_META";
      case NEWROOT -> "NEWROOT";
      case MARK_PAGE_HALFDEAD -> "MARK_PAGE_HALFDEAD";
      case VACUUM -> "VACUUM";
      case REUSE_PAGE -> "REUSE_PAGE";
      case META_CLEANUP -> "META_CLEANUP";
      default -> null;
    };
  }

  @Override
  public RecordRedo redo() {
    return new BtreeRedo();
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    boolean new16 = record.version().atLeast(PgVersion.V16);
    // 16 changed "name value; " to "name: value, ", except where a split had commas before.
    String is = new16 ? ": " : " ";
    String and = new16 ? ", " : "; ";
    switch (record.type()) {
      case INSERT_LEAF, INSERT_UPPER, INSERT_META, INSERT_POST -> out.add("off", is, data.u16(0));
      case SPLIT_L, SPLIT_R -> {
        out.add("level", is, data.u32(0), ", firstrightoff", is, data.u16(4));
        out.add(", newitemoff", is, data.u16(6), ", postingoff", is, data.u16(8));
      }
      case DEDUP -> out.add("nintervals", is, data.u16(0));
      case VACUUM -> {
        out.add("ndeleted", is, data.u16(0), and, "nupdated", is, data.u16(2));
        changedItems(record, 0, out);
      }
      case DELETE -> delete(record, is, and, out);
      case MARK_PAGE_HALFDEAD -> {
        out.add("topparent", is, data.u32(16), and, "leaf", is, data.u32(4));
        out.add(and, "left", is, data.u32(8), and, "right", is, data.u32(12));
      }
      case UNLINK_PAGE, UNLINK_PAGE_META -> {
        out.add("left", is, data.u32(0), and, "right", is, data.u32(4));
        out.add(
            and,
            "level",
            is,
            data.u32(8),
            and,
            "safexid",
            is,
            DescriptionBuilder.fullXid(data.i64(16)));
        out.add(and, "leafleft", is, data.u32(24), and, "leafright", is, data.u32(28));
        out.add(and, "leaftopparent", is, data.u32(32));
      }
      case NEWROOT -> out.add(new16 ? "level: " : "lev ", data.u32(4));
      case REUSE_PAGE -> {
        out.add("rel", is)
            .relation(data, 0)
            .add(and, DescriptionBuilder.horizon(record.version()), is);
        out.add(DescriptionBuilder.fullXid(data.i64(16)));
        out.catalog(record, 24, ": ");
      }
      case META_CLEANUP -> out.add("last_cleanup_num_delpages", is, record.block(0).data().u32(20));
      default -> {
        // An unknown type has no text but its number.
      }
    }
  }

  private static void delete(WalRecord record, String is, String and, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    out.add(
        DescriptionBuilder.horizon(record.version()),
        is,
        data.u32(0),
        and,
        "ndeleted",
        is,
        data.u16(4));
    out.add(and, "nupdated", is, data.u16(6));
    out.catalog(record, 8, ": ");
    changedItems(record, 4, out);
  }

  /*
   * Block 0: offsets of the deleted items 2 each, of the updated ones 2 each, then for each of
   * those the number of its tuples that go and their places in it, 2 each.
   */
  private static void changedItems(WalRecord record, int countsAt, DescriptionBuilder out) {
    WalBytes block = record.block(0).data();
    if (!record.version().atLeast(PgVersion.V16) || block.length() == 0) {
      return;
    }
    int deleted = record.mainData().u16(countsAt);
    int updated = record.mainData().u16(countsAt + 2);
    out.offsets(", deleted: ", block, 0, deleted).add(", updated: [");
    int offset = 2 * deleted;
    int update = offset + 2 * updated;
    for (int i = 0; i < updated; i++, offset += 2) {
      int tuples = block.u16(update);
      out.add(i == 0 ? "" : ", ", "{ off: ", block.u16(offset), ", nptids: ", tuples);
      out.offsets(", ptids: ", block, update + 2, tuples).add(" }");
      update += 2 + 2 * tuples;
    }
    out.add("]");
  }
}
