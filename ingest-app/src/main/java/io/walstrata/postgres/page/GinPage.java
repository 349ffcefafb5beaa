package io.walstrata.postgres.page;

/**
 * What a page of a GIN index has beyond the common layout: its special space {@code
 * GinPageOpaqueData}, the meta page, and the content of a page of a posting tree, which has no line
 * pointers.
 *
 * <p>In PostgreSQL: {@code access/ginblock.h}.
 */
public final class GinPage {
  /*
   * Special space: rightlink 4 | maxoff 2 | flags 2
   * Page of a posting tree: right bound 6, pad 2 | data up to pd_lower:
   *   leaf: segments, see GinPostingList
   *   inner: maxoff times child block 4 | key 6
   * Block numbers in items are stored as two halves, the upper one first.
   */

  /** A page of a posting tree. */
  public static final int GIN_DATA = 1;

  public static final int GIN_LEAF = 1 << 1;
  public static final int GIN_DELETED = 1 << 2;
  public static final int GIN_META = 1 << 3;

  /** A page of the pending list. */
  public static final int GIN_LIST = 1 << 4;

  /** A page of the pending list has all tuples of each of its heap tuples. */
  public static final int GIN_LIST_FULLROW = 1 << 5;

  /** The page was split, but its parent does not refer to the right half yet. */
  public static final int GIN_INCOMPLETE_SPLIT = 1 << 6;

  /** A leaf of a posting tree whose items are compressed, as all are since 9.4. */
  public static final int GIN_COMPRESSED = 1 << 7;

  /** Block number that stands for no page. */
  public static final long INVALID_BLOCK = 0xFFFFFFFFL;

  /** Length of {@code GinMetaPageData}. */
  public static final int META_BYTES = 56;

  /** Where the content of the meta page begins. */
  public static final int META = Page.HEADER_BYTES;

  /** Where the data of a page of a posting tree begins: after the right bound. */
  public static final int DATA = Page.HEADER_BYTES + 8;

  /** Length of an item of an inner page of a posting tree, {@code PostingItem}. */
  public static final int POSTING_ITEM_BYTES = 10;

  private static final int SPECIAL_BYTES = 8;
  private static final int RIGHTLINK = Page.BYTES - SPECIAL_BYTES;
  private static final int MAXOFF = RIGHTLINK + 4;
  private static final int FLAGS = MAXOFF + 2;

  /** Where the data of a page of a posting tree must end at the latest. */
  public static final int DATA_LIMIT = RIGHTLINK;

  private GinPage() {}

  /** Makes an empty page without a right sibling. */
  public static void init(Page page, int flags) {
    page.init(SPECIAL_BYTES);
    setRightlink(page, INVALID_BLOCK);
    page.putU16(FLAGS, flags);
  }

  /** Makes a meta page, whose content the caller writes at {@link #META}. */
  public static void initMeta(Page page) {
    init(page, GIN_META);
    page.setLower(META + META_BYTES);
  }

  /**
   * Checks that it is a page of a GIN index that can be worked on.
   *
   * @throws PageException if not
   */
  public static void check(Page page) {
    page.checkHeader();
    if (page.special() != RIGHTLINK) {
      throw new PageException("not a page of a GIN index: special=" + page.special());
    }
  }

  /**
   * Checks that it is a page of a posting tree.
   *
   * @param isLeaf whether a leaf is required, otherwise an inner page
   * @throws PageException if not
   */
  public static void checkData(Page page, boolean isLeaf) {
    check(page);
    if (!hasFlag(page, GIN_DATA) || hasFlag(page, GIN_LEAF) != isLeaf) {
      throw new PageException(
          "not a page of this level of a posting tree: flags="
              + page.u16(FLAGS)
              + ", leaf="
              + isLeaf);
    }
  }

  /** Returns the block number of the right sibling; {@link #INVALID_BLOCK} for none. */
  public static long rightlink(Page page) {
    return page.u32(RIGHTLINK);
  }

  public static void setRightlink(Page page, long block) {
    page.putI32(RIGHTLINK, (int) block);
  }

  /** Returns the number of items of an inner page, or of heap tuples of a pending list's page. */
  public static int maxoff(Page page) {
    return page.u16(MAXOFF);
  }

  public static void setMaxoff(Page page, int maxoff) {
    page.putU16(MAXOFF, maxoff);
  }

  public static boolean hasFlag(Page page, int flag) {
    return (page.u16(FLAGS) & flag) != 0;
  }

  public static void setFlag(Page page, int flag) {
    page.putU16(FLAGS, page.u16(FLAGS) | flag);
  }

  public static void clearFlag(Page page, int flag) {
    page.putU16(FLAGS, page.u16(FLAGS) & ~flag);
  }

  /** Returns how many bytes the data of a page of a posting tree has. */
  public static int dataBytes(Page page) {
    int length = page.lower() - DATA;
    if (length < 0) {
      throw new PageException("posting tree's page without data: lower=" + page.lower());
    }
    return length;
  }

  /** Sets where the data of a page of a posting tree ends. */
  public static void setDataBytes(Page page, int length) {
    if (length < 0 || length > DATA_LIMIT - DATA) {
      throw new PageException("no room for data: length=" + length);
    }
    page.setLower(DATA + length);
  }

  /** Returns where an item of an inner page of a posting tree is, numbered from 1 on. */
  public static int postingItem(Page page, int number) {
    int maxoff = maxoff(page);
    if (number < 1 || number > maxoff || postingItemsEnd(maxoff) > DATA_LIMIT) {
      throw new PageException("no such posting item: number=" + number + ", max=" + maxoff);
    }
    return postingItemsEnd(number - 1);
  }

  /** Returns where the first so many items end. */
  private static int postingItemsEnd(int count) {
    return DATA + count * POSTING_ITEM_BYTES;
  }

  /**
   * Makes room for an item of an inner page, before the one that has this number.
   *
   * @return where the caller writes the new item
   */
  public static int insertPostingItem(Page page, int number) {
    int at = postingItem(page, number);
    int maxoff = maxoff(page);
    int end = postingItemsEnd(maxoff);
    setDataBytes(page, (maxoff + 1) * POSTING_ITEM_BYTES);
    page.move(at, at + POSTING_ITEM_BYTES, end - at);
    setMaxoff(page, maxoff + 1);
    return at;
  }

  /** Removes an item of an inner page. */
  public static void deletePostingItem(Page page, int number) {
    int at = postingItem(page, number);
    int maxoff = maxoff(page);
    int next = at + POSTING_ITEM_BYTES;
    page.move(next, at, postingItemsEnd(maxoff) - next);
    setMaxoff(page, maxoff - 1);
    setDataBytes(page, (maxoff - 1) * POSTING_ITEM_BYTES);
  }

  /** Sets the last transaction that can see a deleted page in a scan. */
  public static void setDeleteXid(Page page, long xid) {
    page.setPruneXid(xid);
  }
}
