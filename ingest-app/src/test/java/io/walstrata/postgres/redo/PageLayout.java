package io.walstrata.postgres.redo;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.LittleEndian;
import java.util.Arrays;

/**
 * Blanks what may differ between two replays of a relation's page: the checksum, the hole, and the
 * padding of items. What a page is, is found by its special space.
 */
final class PageLayout {
  private PageLayout() {}

  /** What of a page has a layout by line pointers. */
  private enum Parts {
    /** Line pointers, hole, items. */
    ITEMS,
    /** Content up to {@code pd_lower}, then the hole. */
    CONTENT_AND_HOLE,
    /** Content that {@code pd_lower} says nothing of. */
    CONTENT
  }

  /** Blanks those bytes of a page of a main or init fork. */
  static void blank(byte[] bytes) {
    Page page = new Page(bytes);
    page.setChecksum(0);
    if (page.isNew()) {
      return;
    }
    Parts parts = parts(page);
    if (parts != Parts.CONTENT) {
      Masks.unusedSpace(page);
    }
    if (parts == Parts.ITEMS) {
      padding(page);
    }
  }

  /** Blanks only the checksum, of a page whose content has no layout by its header. */
  static void blankChecksum(byte[] bytes) {
    new Page(bytes).setChecksum(0);
  }

  private static Parts parts(Page page) {
    byte[] bytes = page.bytes();
    int special = page.special();
    int last = LittleEndian.u16(bytes, Page.BYTES - 2);
    switch (Page.BYTES - special) {
      case 0 -> {
        return Parts.ITEMS;
      }
      case 8 -> {
        int first = LittleEndian.u16(bytes, special);
        if (last == 0xFF82) { // SP-GiST
          return (first & 1) != 0 ? Parts.CONTENT : Parts.ITEMS;
        }
        if (last >= 0xF091 && last <= 0xF093) { // BRIN: the map of ranges has all of its page
          return last == 0xF093 ? Parts.ITEMS : Parts.CONTENT;
        }
        boolean isSequence = LittleEndian.u32(bytes, special) == 0x1717;
        return isSequence || (last & 0x09) == 0 ? Parts.ITEMS : Parts.CONTENT_AND_HOLE; // GIN
      }
      case 16 -> {
        int flags = LittleEndian.u16(bytes, special + 12);
        if (last == 0xFF80) { // hash
          return (flags & 0x0C) != 0 ? Parts.CONTENT_AND_HOLE : Parts.ITEMS;
        }
        boolean isMeta = last != 0xFF81 && (flags & 0x08) != 0; // B-tree
        boolean isDeleted = last != 0xFF81 && (flags & 0x04) != 0;
        return isMeta || isDeleted ? Parts.CONTENT_AND_HOLE : Parts.ITEMS;
      }
      default -> {
        return Parts.CONTENT;
      }
    }
  }

  private static void padding(Page page) {
    byte[] bytes = page.bytes();
    for (int number = 1; number <= page.maxOffset(); number++) {
      int item = page.itemId(number);
      int end = Page.offsetOf(item) + Page.lengthOf(item);
      int aligned = Math.min(Page.align(end), bytes.length);
      if (Page.lengthOf(item) > 0 && end < aligned) {
        Arrays.fill(bytes, end, aligned, (byte) 0);
      }
    }
  }
}
