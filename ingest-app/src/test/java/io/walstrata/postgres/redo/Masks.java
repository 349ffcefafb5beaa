package io.walstrata.postgres.redo;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.Rmgr;
import java.util.Arrays;

/**
 * Blanks what PostgreSQL's own consistency check leaves out of the comparison of a replayed page
 * with the primary's: what the primary changes without a record. Which bytes these are depends on
 * the resource manager of the record.
 */
public final class Masks {
  private static final int PRUNE_XID = 20;
  private static final int INFOMASK = 20;
  private static final int T_CID = 8;
  private static final int T_CTID = 12;
  private static final int XACT_BITS = 0xFFF0;
  private static final int XMIN_FROZEN = 0x0300;
  private static final int XMAX_HINTS = 0x0C00;
  private static final int SPECULATIVE = 0xFFFE;

  private Masks() {}

  /**
   * Blanks those bytes of a page.
   *
   * @param rmgrId of the record after which the page is compared
   * @param image the page; written to
   * @param block its number
   */
  public static void apply(int rmgrId, int fork, long block, byte[] image) {
    Page page = new Page(image);
    page.setLsn(0);
    page.setChecksum(0);
    if (page.isNew()) {
      return;
    }
    if (fork == PgKeys.VM_FORK) {
      // PostgreSQL blanks the whole map; its bits are compared here.
      return;
    }
    switch (Rmgr.of(rmgrId)) {
      case HEAP, HEAP2 -> heap(page, block);
      case BTREE -> btree(page);
      case HASH -> hash(page);
      case GIST -> gist(page);
      case GIN -> gin(page);
      case SPGIST -> spgist(page);
      case BRIN -> brin(page);
      case SEQUENCE, GENERIC -> unusedSpace(page);
      default -> {}
    }
  }

  private static void heap(Page page, long block) {
    hints(page);
    unusedSpace(page);
    byte[] bytes = page.bytes();
    for (int number = 1; number <= page.maxOffset(); number++) {
      int item = page.itemId(number);
      int offset = Page.offsetOf(item);
      int length = Page.lengthOf(item);
      if (Page.flagsOf(item) == Page.LP_NORMAL && length >= 23) {
        heapTuple(bytes, offset, block, number);
      }
      if (length > 0) {
        int end = Math.min(offset + Page.align(length), bytes.length);
        Arrays.fill(bytes, Math.min(offset + length, end), end, (byte) 0);
      }
    }
  }

  private static void heapTuple(byte[] bytes, int offset, long block, int number) {
    int infomask = LittleEndian.u16(bytes, offset + INFOMASK);
    boolean isFrozen = (infomask & XMIN_FROZEN) == XMIN_FROZEN;
    LittleEndian.putU16(bytes, offset + INFOMASK, infomask & ~(isFrozen ? XMAX_HINTS : XACT_BITS));
    Arrays.fill(bytes, offset + T_CID, offset + T_CID + 4, (byte) 0);
    if (LittleEndian.u16(bytes, offset + T_CTID + 4) == SPECULATIVE) {
      LittleEndian.putU16(bytes, offset + T_CTID, (int) (block >>> 16));
      LittleEndian.putU16(bytes, offset + T_CTID + 2, (int) (block & 0xFFFF));
      LittleEndian.putU16(bytes, offset + T_CTID + 4, number);
    }
  }

  private static void btree(Page page) {
    hints(page);
    unusedSpace(page);
    int flagsAt = page.special() + 12;
    int flags = LittleEndian.u16(page.bytes(), flagsAt);
    if ((flags & 0x01) != 0) {
      lineFlags(page);
    }
    // "Has garbage" and "end of a split"; the cycle of a vacuum.
    LittleEndian.putU16(page.bytes(), flagsAt, flags & ~0x60);
    LittleEndian.putU16(page.bytes(), flagsAt + 2, 0);
  }

  private static void hash(Page page) {
    hints(page);
    unusedSpace(page);
    int flagsAt = page.special() + 12;
    int flags = LittleEndian.u16(page.bytes(), flagsAt);
    if ((flags & 0x0F) == 0) {
      content(page);
    } else if ((flags & 0x03) != 0) {
      lineFlags(page);
    }
    LittleEndian.putU16(page.bytes(), flagsAt, flags & ~0x80);
  }

  private static void gist(Page page) {
    hints(page);
    unusedSpace(page);
    int special = page.special();
    Arrays.fill(page.bytes(), special, special + 8, (byte) 0);
    int flags = LittleEndian.u16(page.bytes(), special + 12);
    if ((flags & 0x01) != 0) {
      lineFlags(page);
    }
    // "Follow right" is set after the record was written; "has garbage" is a hint.
    LittleEndian.putU16(page.bytes(), special + 12, flags & ~0x18);
  }

  private static void gin(Page page) {
    hints(page);
    boolean isDeleted = (LittleEndian.u16(page.bytes(), page.special() + 6) & 0x04) != 0;
    if (isDeleted) {
      content(page);
    } else if (page.lower() > Page.HEADER_BYTES) {
      unusedSpace(page);
    }
  }

  private static void spgist(Page page) {
    hints(page);
    if (page.lower() >= Page.HEADER_BYTES) {
      unusedSpace(page);
    }
  }

  private static void brin(Page page) {
    hints(page);
    int type = LittleEndian.u16(page.bytes(), Page.BYTES - 2);
    if (type == 0xF093 || (type == 0xF091 && page.lower() > Page.HEADER_BYTES)) {
      unusedSpace(page);
    }
    // The page is being evacuated: a state of the running server.
    int flags = LittleEndian.u16(page.bytes(), Page.BYTES - 4);
    LittleEndian.putU16(page.bytes(), Page.BYTES - 4, flags & ~1);
  }

  private static void hints(Page page) {
    Arrays.fill(page.bytes(), PRUNE_XID, PRUNE_XID + 4, (byte) 0);
    page.clearFlag(Page.HAS_FREE_LINES | Page.PAGE_FULL | Page.ALL_VISIBLE);
  }

  /** Blanks the hole between line pointers and items. */
  static void unusedSpace(Page page) {
    int lower = page.lower();
    int upper = page.upper();
    if (lower >= Page.HEADER_BYTES && lower <= upper && upper <= Page.BYTES) {
      Arrays.fill(page.bytes(), lower, upper, (byte) 0);
    }
  }

  private static void lineFlags(Page page) {
    for (int number = 1; number <= page.maxOffset(); number++) {
      page.setItemId(number, page.itemId(number) & ~(3 << 15));
    }
  }

  /** Blanks all after the header, and what the header has of it. */
  private static void content(Page page) {
    Arrays.fill(page.bytes(), Page.HEADER_BYTES, Page.BYTES, (byte) 0);
    page.setLower(0);
    page.setUpper(0);
  }
}
