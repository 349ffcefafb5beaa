package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.GinPage;
import io.walstrata.postgres.page.GinPostingList;
import io.walstrata.postgres.wal.BlockReference;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of GIN indexes.
 *
 * <p>In PostgreSQL: formats {@code access/ginxlog.h}, text {@code gindesc.c}, replay {@code
 * ginxlog.c}.
 */
final class GinManager implements ResourceManager {
  static final int CREATE_PTREE = 0x10;
  static final int INSERT = 0x20;
  static final int SPLIT = 0x30;
  private static final int VACUUM_PAGE = 0x40;
  static final int DELETE_PAGE = 0x50;
  static final int UPDATE_META_PAGE = 0x60;
  static final int INSERT_LISTPAGE = 0x70;
  static final int DELETE_LISTPAGE = 0x80;
  static final int VACUUM_DATA_LEAF_PAGE = 0x90;

  static final int IS_DATA = 0x01;
  static final int IS_LEAF = 0x02;
  private static final int SPLIT_ROOT = 0x04;

  @Override
  public Rmgr rmgr() {
    return Rmgr.GIN;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case CREATE_PTREE -> "CREATE_PTREE";
      case INSERT -> "INSERT";
      case SPLIT -> "SPLIT";
      case VACUUM_PAGE -> "VACUUM_PAGE";
      case DELETE_PAGE -> "DELETE_PAGE";
      case UPDATE_META_PAGE -> "UPDATE_META_PAGE";
      case INSERT_LISTPAGE -> "INSERT_LISTPAGE";
      case DELETE_LISTPAGE -> "DELETE_LISTPAGE";
      case VACUUM_DATA_LEAF_PAGE -> "VACUUM_DATA_LEAF_PAGE";
      default -> null;
    };
  }

  @Override
  public RecordRedo redo() {
    return new GinRedo();
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case INSERT -> insert(record, out);
      case SPLIT -> {
        int flags = data.u16(24);
        out.add("isrootsplit: ", DescriptionBuilder.trueOrFalse(flags & SPLIT_ROOT), " ");
        kind(flags, out);
      }
      case VACUUM_DATA_LEAF_PAGE -> {
        if (!image(record, out)) {
          recompress(record.block(0).data(), out);
        }
      }
      case DELETE_LISTPAGE -> out.add("ndeleted: ", data.i32(GinPage.META_BYTES));
      default -> {
        // No text beyond the type and the blocks.
      }
    }
  }

  private static void kind(int flags, DescriptionBuilder out) {
    out.add("isdata: ", DescriptionBuilder.trueOrFalse(flags & IS_DATA));
    out.add(" isleaf: ", DescriptionBuilder.trueOrFalse(flags & IS_LEAF));
  }

  private static void insert(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    int flags = data.u16(0);
    kind(flags, out);
    boolean leaf = (flags & IS_LEAF) != 0;
    if (!leaf) {
      out.add(" children: ", data.blockNumber(2));
      out.add("/", data.blockNumber(6));
    }
    if (image(record, out)) {
      return;
    }
    WalBytes payload = record.block(0).data();
    if ((flags & IS_DATA) == 0) {
      out.add(" isdelete: ", DescriptionBuilder.trueOrFalse(payload.u8(2)));
    } else if (leaf) {
      recompress(payload, out);
    } else {
      out.add(" pitem: ", payload.blockNumber(2));
      out.add("-", payload.blockNumber(6), "/", payload.u16(10));
    }
  }

  /** Adds whether block 0 is an image; returns it. */
  private static boolean image(WalRecord record, DescriptionBuilder out) {
    BlockReference block = record.block(0);
    if (block.hasImage()) {
      boolean applied = block.isImageApplied();
      out.add(applied ? " (full page image)" : " (full page image, for WAL verification)");
    }
    return block.hasImage();
  }

  /** Count 2; for each segment its number 1, what to do 1, and what that needs. */
  private static void recompress(WalBytes data, DescriptionBuilder out) {
    int count = data.u16(0);
    out.add(" ", count, " segments:");
    int at = 2;
    for (int i = 0; i < count; i++) {
      int segment = data.u8(at);
      int action = data.u8(at + 1);
      at += 2;
      switch (action) {
        case GinDataLeafRedo.SEGMENT_ADD_ITEMS -> {
          int items = data.u16(at);
          at += 2 + GinPostingList.ITEM_POINTER_BYTES * items;
          out.add(" ", segment, " (add ", items, " items)");
        }
        case GinDataLeafRedo.SEGMENT_DELETE -> out.add(" ", segment, " (delete)");
        case GinDataLeafRedo.SEGMENT_INSERT, GinDataLeafRedo.SEGMENT_REPLACE -> {
          // First item 6, length 2, bytes; padded to an even number.
          at += (8 + data.u16(at + 6) + 1) & -2;
          out.add(
              " ", segment, action == GinDataLeafRedo.SEGMENT_INSERT ? " (insert)" : " (replace)");
        }
        default -> {
          out.add(" ", segment, " unknown action ", action, " ???");
          return;
        }
      }
    }
  }
}
