package io.walstrata.postgres.page;

/** A page of a visibility map: two bits for each block of the heap, after the page header. */
public final class VisibilityMap {
  /** All tuples of the block are visible to everyone. */
  public static final int ALL_VISIBLE = 1;

  /** All tuples of the block are frozen. */
  public static final int ALL_FROZEN = 2;

  /** Both bits. */
  public static final int VALID_BITS = ALL_VISIBLE | ALL_FROZEN;

  private static final int BITS_PER_BLOCK = 2;
  private static final int BLOCKS_PER_BYTE = 8 / BITS_PER_BLOCK;

  /** How many blocks of the heap a page covers. */
  public static final int BLOCKS_PER_PAGE = (Page.BYTES - Page.HEADER_BYTES) * BLOCKS_PER_BYTE;

  private VisibilityMap() {}

  /** Returns the bits of a heap block, which the page must be the map page of. */
  public static int bits(Page page, long heapBlock) {
    return page.u8(byteOf(heapBlock)) >>> shiftOf(heapBlock) & VALID_BITS;
  }

  /** Sets bits of a heap block; a page of zeros becomes an empty map page first. */
  public static void set(Page page, long heapBlock, int bits) {
    initIfNew(page);
    int at = byteOf(heapBlock);
    page.putU8(at, page.u8(at) | bits << shiftOf(heapBlock));
  }

  /** Clears bits of a heap block; a page of zeros becomes an empty map page. */
  public static void clear(Page page, long heapBlock, int bits) {
    initIfNew(page);
    int at = byteOf(heapBlock);
    page.putU8(at, page.u8(at) & ~(bits << shiftOf(heapBlock)));
  }

  /**
   * Clears the bits of all blocks from the heap's new end on, which the page must cover.
   *
   * @param heapBlocks how many blocks the heap keeps
   */
  public static void truncate(Page page, long heapBlocks) {
    int at = byteOf(heapBlocks);
    int kept = (1 << shiftOf(heapBlocks)) - 1;
    page.putU8(at, page.u8(at) & kept);
    page.fill(at + 1, Page.BYTES - at - 1, 0);
  }

  private static void initIfNew(Page page) {
    if (page.isNew()) {
      page.init(0);
    }
  }

  private static int byteOf(long heapBlock) {
    return Page.HEADER_BYTES + (int) (heapBlock % BLOCKS_PER_PAGE) / BLOCKS_PER_BYTE;
  }

  private static int shiftOf(long heapBlock) {
    return (int) (heapBlock % BLOCKS_PER_BYTE) * BITS_PER_BLOCK;
  }
}
