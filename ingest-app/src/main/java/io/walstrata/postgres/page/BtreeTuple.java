package io.walstrata.postgres.page;

/**
 * A tuple of a B-tree page: of a heap tuple, of many with the same key (a posting list), or one
 * that separates pages (a pivot). Methods take the page and where in it the tuple begins.
 *
 * <p>In PostgreSQL: {@code access/nbtree.h}. A posting list tuple has its key first, then the tuple
 * ids, ascending; {@code t_tid} has where they begin as its block number, and how many there are in
 * its offset number.
 */
public final class BtreeTuple {
  /** No tuple is longer: three of them must fit on a page, with room for a tuple id more. */
  public static final int MAX_BYTES = 2704;

  private static final int OFFSET_MASK = 0x0FFF;
  private static final int IS_POSTING = 0x2000;

  private BtreeTuple() {}

  /** Returns whether {@code t_tid} does not name a heap tuple. */
  private static boolean hasOtherTid(Page page, int at) {
    return (IndexTuple.info(page, at) & IndexTuple.AM_RESERVED) != 0;
  }

  /** Returns whether the tuple has a posting list. */
  public static boolean isPosting(Page page, int at) {
    return hasOtherTid(page, at) && (IndexTuple.offsetNumber(page, at) & IS_POSTING) != 0;
  }

  /** Returns whether the tuple separates pages. */
  public static boolean isPivot(Page page, int at) {
    return hasOtherTid(page, at) && (IndexTuple.offsetNumber(page, at) & IS_POSTING) == 0;
  }

  /** Returns how many heap tuples a tuple that is no pivot stands for. */
  public static int tidCount(Page page, int at) {
    return isPosting(page, at) ? IndexTuple.offsetNumber(page, at) & OFFSET_MASK : 1;
  }

  /** Returns where in the page the tuple ids of a tuple that is no pivot begin. */
  public static int tids(Page page, int at) {
    return isPosting(page, at) ? at + (int) IndexTuple.block(page, at) : at;
  }

  /** Returns the length of header and key, without a posting list. */
  public static int keyBytes(Page page, int at) {
    return isPosting(page, at) ? (int) IndexTuple.block(page, at) : IndexTuple.size(page, at);
  }

  /**
   * Checks that a tuple is no pivot and that key and posting list lie within its item.
   *
   * @param length the item's length
   * @throws PageException if not
   */
  public static void check(Page page, int at, int length) {
    boolean isPosting = isPosting(page, at);
    long keyBytes = isPosting ? IndexTuple.block(page, at) : IndexTuple.size(page, at);
    long listBytes = isPosting ? (long) IndexTuple.TID_BYTES * tidCount(page, at) : 0;
    if (isPivot(page, at)
        || keyBytes < IndexTuple.HEADER_BYTES
        || keyBytes != Page.align((int) keyBytes)
        || keyBytes + listBytes > length) {
      throw new PageException(
          "not a tuple of heap tuples: key="
              + keyBytes
              + ", postingList="
              + listBytes
              + ", length="
              + length);
    }
  }

  /** Makes the tuple one with a posting list; size, key and list are the caller's. */
  public static void setPosting(Page page, int at, int count, int keyBytes) {
    IndexTuple.setInfo(page, at, IndexTuple.info(page, at) | IndexTuple.AM_RESERVED);
    IndexTuple.setOffsetNumber(page, at, count | IS_POSTING);
    IndexTuple.setBlock(page, at, keyBytes);
  }

  /** Makes a tuple of {@link IndexTuple#HEADER_BYTES}, without a key, that leads to a page. */
  public static void putWithoutKey(Page page, int at, long block) {
    IndexTuple.setBlock(page, at, block);
    IndexTuple.setOffsetNumber(page, at, 0);
    IndexTuple.setInfo(page, at, IndexTuple.HEADER_BYTES | IndexTuple.AM_RESERVED);
  }
}
