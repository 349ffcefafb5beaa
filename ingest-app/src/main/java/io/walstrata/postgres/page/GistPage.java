package io.walstrata.postgres.page;

/**
 * What a page of a GiST index has beyond the common layout: its special space {@code
 * GISTPageOpaqueData}, and the content of a deleted page.
 *
 * <p>In PostgreSQL: {@code access/gist.h}.
 */
public final class GistPage {
  /*
   * Special space: nsn 8 (upper half, lower half) | rightlink 4 | flags 2 | gist_page_id 2
   * Deleted page: deleteXid 8, right after the page header
   */

  /** A leaf page. */
  public static final int F_LEAF = 1;

  /** A deleted page. */
  public static final int F_DELETED = 1 << 1;

  /** Tuples of the page were deleted. */
  public static final int F_TUPLES_DELETED = 1 << 2;

  /** The page to the right has no downlink yet. */
  public static final int F_FOLLOW_RIGHT = 1 << 3;

  /** Tuples of the page are dead, but not deleted yet. */
  public static final int F_HAS_GARBAGE = 1 << 4;

  /** Block number of the root page. */
  public static final long ROOT_BLOCK = 0;

  /** Block number that stands for no page. */
  public static final long INVALID_BLOCK = 0xFFFFFFFFL;

  private static final int GIST_PAGE_ID = 0xFF81;
  private static final int SPECIAL_BYTES = 16;
  private static final int NSN = Page.BYTES - SPECIAL_BYTES;
  private static final int RIGHTLINK = NSN + 8;
  private static final int FLAGS = RIGHTLINK + 4;
  private static final int PAGE_ID = FLAGS + 2;
  private static final int DELETE_XID = Page.HEADER_BYTES;
  private static final int DELETED_LOWER = DELETE_XID + 8;

  private GistPage() {}

  /** Makes an empty page without a right sibling. */
  public static void init(Page page, int flags) {
    page.init(SPECIAL_BYTES);
    setRightlink(page, INVALID_BLOCK);
    page.putU16(FLAGS, flags);
    page.putU16(PAGE_ID, GIST_PAGE_ID);
  }

  /**
   * Checks that it is a page of a GiST index whose items can be worked on.
   *
   * @throws PageException if not
   */
  public static void check(Page page) {
    page.checkHeader();
    if (page.special() != NSN || page.u16(PAGE_ID) != GIST_PAGE_ID) {
      throw new PageException("not a page of a GiST index: special=" + page.special());
    }
  }

  /** Returns the node sequence number: the LSN of the last split of the page. */
  public static long nsn(Page page) {
    return page.u32(NSN) << 32 | page.u32(NSN + 4);
  }

  public static void setNsn(Page page, long lsn) {
    page.putI32(NSN, (int) (lsn >>> 32));
    page.putI32(NSN + 4, (int) lsn);
  }

  /** Returns the block number of the right sibling; {@link #INVALID_BLOCK} for none. */
  public static long rightlink(Page page) {
    return page.u32(RIGHTLINK);
  }

  public static void setRightlink(Page page, long block) {
    page.putI32(RIGHTLINK, (int) block);
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

  /**
   * Makes a page without items a deleted one.
   *
   * @param xid the last transaction that can see the page in a scan, with its epoch
   */
  public static void setDeleted(Page page, long xid) {
    if (page.maxOffset() != 0) {
      throw new PageException("page to delete has items: max=" + page.maxOffset());
    }
    if (page.upper() < DELETED_LOWER) {
      throw new PageException("no room for the deleting transaction: upper=" + page.upper());
    }
    setFlag(page, F_DELETED);
    page.setLower(DELETED_LOWER);
    page.putI64(DELETE_XID, xid);
  }
}
