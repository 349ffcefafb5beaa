package io.walstrata.postgres.page;

/**
 * What a page of a B-tree index has beyond {@link Page}: the links to other pages and the flags in
 * its special space, and the contents of the meta page, which is block 0.
 *
 * <p>In PostgreSQL: {@code BTPageOpaqueData} and {@code BTMetaPageData} of {@code access/nbtree.h}.
 */
public final class BtreePage {
  /** Length of the special space. */
  public static final int SPECIAL_BYTES = 16;

  /** {@code btpo_flags}: a leaf. */
  public static final int LEAF = 0x0001;

  /** {@code btpo_flags}: the root. */
  public static final int ROOT = 0x0002;

  /** {@code btpo_flags}: deleted from the tree. */
  public static final int DELETED = 0x0004;

  /** {@code btpo_flags}: the meta page. */
  public static final int META = 0x0008;

  /** {@code btpo_flags}: empty, and without a link from its parent. */
  public static final int HALF_DEAD = 0x0010;

  /** {@code btpo_flags}: the last page of a group that was split during one VACUUM. */
  public static final int SPLIT_END = 0x0020;

  /** {@code btpo_flags}: the page has dead line pointers. */
  public static final int HAS_GARBAGE = 0x0040;

  /** {@code btpo_flags}: the right sibling has no link from the parent yet. */
  public static final int INCOMPLETE_SPLIT = 0x0080;

  /** {@code btpo_flags}: a deleted page states its transaction in 64 bits. */
  public static final int HAS_FULL_XID = 0x0100;

  /** The link of a page that has no sibling there. */
  public static final long NONE = 0;

  /** Offset number of the high key, on pages that are not the last of their level. */
  public static final int HIGH_KEY = 1;

  private static final int SPECIAL = Page.BYTES - SPECIAL_BYTES;
  private static final int PREV = SPECIAL;
  private static final int NEXT = SPECIAL + 4;
  private static final int LEVEL = SPECIAL + 8;
  private static final int FLAGS = SPECIAL + 12;
  private static final int CYCLE_ID = SPECIAL + 14;

  private static final int CONTENTS = Page.HEADER_BYTES;
  private static final int DELETED_PAGE_BYTES = 8;

  private static final int META_MAGIC_NUMBER = 0x053162;
  private static final int META_MAGIC = CONTENTS;
  private static final int META_VERSION = CONTENTS + 4;
  private static final int META_ROOT = CONTENTS + 8;
  private static final int META_LEVEL = CONTENTS + 12;
  private static final int META_FASTROOT = CONTENTS + 16;
  private static final int META_FASTLEVEL = CONTENTS + 20;
  private static final int META_LAST_CLEANUP_NUM_DELPAGES = CONTENTS + 24;
  private static final int META_LAST_CLEANUP_NUM_HEAP_TUPLES = CONTENTS + 32;
  private static final int META_ALLEQUALIMAGE = CONTENTS + 40;
  private static final int META_BYTES = 48;

  private BtreePage() {}

  /**
   * Checks that the page has the special space of a B-tree page.
   *
   * @throws PageException if not
   */
  public static void check(Page page) {
    if (page.special() != SPECIAL) {
      throw new PageException("not a page of a B-tree index: special=" + page.special());
    }
  }

  /** Makes an empty page. */
  public static void init(Page page, long prev, long next, long level, int flags) {
    page.init(SPECIAL_BYTES);
    page.putI32(PREV, (int) prev);
    page.putI32(NEXT, (int) next);
    page.putI32(LEVEL, (int) level);
    page.putU16(FLAGS, flags);
  }

  /** Makes an empty page with the special space of another one. */
  public static void initAs(Page page, Page other) {
    page.init(SPECIAL_BYTES);
    System.arraycopy(other.bytes(), SPECIAL, page.bytes(), SPECIAL, SPECIAL_BYTES);
  }

  /** Makes the meta page. */
  public static void initMeta(
      Page page,
      long version,
      long root,
      long level,
      long fastRoot,
      long fastLevel,
      long lastCleanupDeletedPages,
      boolean isAllEqualImage) {
    init(page, NONE, NONE, 0, META);
    page.putI32(META_MAGIC, META_MAGIC_NUMBER);
    page.putI32(META_VERSION, (int) version);
    page.putI32(META_ROOT, (int) root);
    page.putI32(META_LEVEL, (int) level);
    page.putI32(META_FASTROOT, (int) fastRoot);
    page.putI32(META_FASTLEVEL, (int) fastLevel);
    page.putI32(META_LAST_CLEANUP_NUM_DELPAGES, (int) lastCleanupDeletedPages);
    // No longer used: "not known".
    page.putI64(META_LAST_CLEANUP_NUM_HEAP_TUPLES, Double.doubleToRawLongBits(-1.0));
    page.putU8(META_ALLEQUALIMAGE, isAllEqualImage ? 1 : 0);
    page.setLower(CONTENTS + META_BYTES);
  }

  /** Makes a page that is deleted from the tree. */
  public static void initDeleted(Page page, long prev, long next, long level, long safeXid) {
    init(page, prev, next, level, DELETED | HAS_FULL_XID | (level == 0 ? LEAF : 0));
    page.putI64(CONTENTS, safeXid);
    page.setLower(CONTENTS + DELETED_PAGE_BYTES);
  }

  public static long prev(Page page) {
    return page.u32(PREV);
  }

  public static void setPrev(Page page, long block) {
    page.putI32(PREV, (int) block);
  }

  public static long next(Page page) {
    return page.u32(NEXT);
  }

  public static void setNext(Page page, long block) {
    page.putI32(NEXT, (int) block);
  }

  public static long level(Page page) {
    return page.u32(LEVEL);
  }

  public static int flags(Page page) {
    return page.u16(FLAGS);
  }

  public static void setFlags(Page page, int flags) {
    page.putU16(FLAGS, flags);
  }

  public static void clearFlag(Page page, int flag) {
    setFlags(page, flags(page) & ~flag);
  }

  public static int cycleId(Page page) {
    return page.u16(CYCLE_ID);
  }

  public static void setCycleId(Page page, int cycleId) {
    page.putU16(CYCLE_ID, cycleId);
  }

  /** Returns whether the page is the last of its level; it then has no high key. */
  public static boolean isRightmost(Page page) {
    return next(page) == NONE;
  }

  /** Returns the offset number of the first item that is not the high key. */
  public static int firstDataKey(Page page) {
    return isRightmost(page) ? HIGH_KEY : HIGH_KEY + 1;
  }
}
