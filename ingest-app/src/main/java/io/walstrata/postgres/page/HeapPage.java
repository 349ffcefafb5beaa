package io.walstrata.postgres.page;

/**
 * What heap pages have beyond the layout that all pages share: no special space, at most 291 line
 * pointers, line pointers that are freed and used again.
 */
public final class HeapPage {
  private HeapPage() {}

  /**
   * Checks that tuples can be worked on.
   *
   * @throws PageException if the header is damaged, or the page is not one of a heap
   */
  public static void check(Page page) {
    page.checkHeader();
    if (page.special() != Page.BYTES) {
      throw new PageException("not a heap page: special=" + page.special());
    }
  }

  /**
   * Adds a tuple at an offset number whose line pointer is unused, or the next one after the last.
   * The tuple's bytes are to be written by the caller.
   *
   * @return where the tuple begins
   */
  public static int putTuple(Page page, int offsetNumber, int length) {
    if (offsetNumber > Page.MAX_HEAP_TUPLES || length > HeapTuple.MAX_BYTES) {
      throw new PageException(
          "no heap tuple can be here: offset=" + offsetNumber + ", length=" + length);
    }
    return page.putItem(offsetNumber, length);
  }

  /** Lowers {@code pd_prune_xid} to a transaction if that is older, or none is set. */
  public static void setPrunable(Page page, long xid) {
    long oldest = page.pruneXid();
    if (oldest == 0 || precedes(xid, oldest)) {
      page.setPruneXid(xid);
    }
  }

  /** Compares as transaction ids do: in a circle, but for the three that are special. */
  private static boolean precedes(long xid, long other) {
    if (xid < 3 || other < 3) {
      return xid < other;
    }
    return (int) (xid - other) < 0;
  }

  /** Makes a line pointer lead to another one. */
  public static void redirect(Page page, int offsetNumber, int target) {
    if (target < 1 || target > page.maxOffset()) {
      throw new PageException(
          "redirection to a line pointer that the page does not have: offset="
              + offsetNumber
              + ", target="
              + target);
    }
    page.setItemId(offsetNumber, target, Page.LP_REDIRECT, 0);
  }

  /** Marks a line pointer as dead; it has no item then. */
  public static void setDead(Page page, int offsetNumber) {
    page.setItemId(offsetNumber, 0, Page.LP_DEAD, 0);
  }

  /** Frees a line pointer; it has no item then. */
  public static void setUnused(Page page, int offsetNumber) {
    page.setItemId(offsetNumber, 0, Page.LP_UNUSED, 0);
  }

  /**
   * Compacts the items, removes the unused line pointers after the last used one, possibly all, and
   * notes whether others are unused.
   */
  public static void repairFragmentation(Page page) {
    int count = page.maxOffset();
    if (count > Page.MAX_HEAP_TUPLES) {
      throw new PageException("too many line pointers for a heap page: count=" + count);
    }
    int last = 0;
    int unused = 0;
    for (int number = 1; number <= count; number++) {
      if (page.itemFlags(number) == Page.LP_UNUSED) {
        setUnused(page, number);
        unused++;
      } else {
        last = number;
      }
    }
    page.compact();
    keepLinePointers(page, last);
    setFreeLines(page, unused > count - last);
  }

  /**
   * Removes the unused line pointers after the last used one, but never the first, and notes
   * whether others are unused. Items stay where they are.
   */
  public static void truncateLinePointers(Page page) {
    int last = page.maxOffset();
    while (last > 1 && page.itemFlags(last) == Page.LP_UNUSED) {
      last--;
    }
    keepLinePointers(page, last);
    boolean isFree = false;
    for (int number = last; number >= 1 && !isFree; number--) {
      isFree = page.itemFlags(number) == Page.LP_UNUSED;
    }
    setFreeLines(page, isFree);
  }

  private static void keepLinePointers(Page page, int count) {
    page.setLower(Page.HEADER_BYTES + count * Page.ITEM_ID_BYTES);
  }

  private static void setFreeLines(Page page, boolean isFree) {
    if (isFree) {
      page.setFlag(Page.HAS_FREE_LINES);
    } else {
      page.clearFlag(Page.HAS_FREE_LINES);
    }
  }
}
