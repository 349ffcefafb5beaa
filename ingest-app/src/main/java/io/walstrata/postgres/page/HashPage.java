package io.walstrata.postgres.page;

/**
 * What a page of a hash index has beyond {@link Page}: its bucket, its neighbours and its type in
 * the special space, and the contents of bitmap pages, which name the overflow pages in use.
 *
 * <p>In PostgreSQL: {@code HashPageOpaqueData} of {@code access/hash.h}.
 *
 * @see HashMetaPage
 */
public final class HashPage {
  /** {@code hasho_flag}: a page of no bucket. */
  public static final int UNUSED = 0;

  /** {@code hasho_flag}: a page of a bucket, not its first. */
  public static final int OVERFLOW = 1;

  /** {@code hasho_flag}: the first page of a bucket. */
  public static final int BUCKET = 1 << 1;

  /** {@code hasho_flag}: states which overflow pages are in use. */
  public static final int BITMAP = 1 << 2;

  /** {@code hasho_flag}: the meta page. */
  public static final int META = 1 << 3;

  /** {@code hasho_flag}: a split left tuples that are to be removed. */
  public static final int NEEDS_SPLIT_CLEANUP = 1 << 6;

  /** {@code hasho_flag}: there are dead line pointers. */
  public static final int HAS_DEAD_TUPLES = 1 << 7;

  /** No block, or no bucket. */
  public static final long NONE = 0xFFFFFFFFL;

  /** Length of the special space. */
  public static final int SPECIAL_BYTES = 16;

  private static final int SPECIAL = Page.BYTES - SPECIAL_BYTES;
  private static final int PREV = SPECIAL;
  private static final int NEXT = SPECIAL + 4;
  private static final int BUCKET_NUMBER = SPECIAL + 8;
  private static final int FLAG = SPECIAL + 12;
  private static final int PAGE_ID = SPECIAL + 14;
  private static final int PAGE_ID_NUMBER = 0xFF80;

  private HashPage() {}

  /** Makes an empty page without a next one. */
  public static void init(Page page, long prev, long bucket, int flag) {
    page.init(SPECIAL_BYTES);
    page.putI32(PREV, (int) prev);
    page.putI32(NEXT, (int) NONE);
    page.putI32(BUCKET_NUMBER, (int) bucket);
    page.putU16(FLAG, flag);
    page.putU16(PAGE_ID, PAGE_ID_NUMBER);
  }

  /**
   * Makes a bitmap page with all bits set.
   *
   * @param bytes length of the bitmap
   */
  public static void initBitmap(Page page, int bytes) {
    init(page, NONE, NONE, BITMAP);
    if (bytes > page.freeBytes()) {
      throw new PageException("bitmap does not fit: bytes=" + bytes);
    }
    page.fill(Page.HEADER_BYTES, bytes, 0xFF);
    page.setLower(Page.HEADER_BYTES + bytes);
  }

  /**
   * Checks that the page is one of a hash index.
   *
   * @throws PageException if not
   */
  public static void check(Page page) {
    if (page.special() != SPECIAL || page.u16(PAGE_ID) != PAGE_ID_NUMBER) {
      throw new PageException(
          "not a page of a hash index: special="
              + page.special()
              + ", id="
              + Integer.toHexString(page.u16(PAGE_ID)));
    }
  }

  /** Sets the page before this one, or of a bucket's first page the last bucket of its time. */
  public static void setPrev(Page page, long block) {
    page.putI32(PREV, (int) block);
  }

  public static void setNext(Page page, long block) {
    page.putI32(NEXT, (int) block);
  }

  public static int flag(Page page) {
    return page.u16(FLAG);
  }

  public static void setFlag(Page page, int flag) {
    page.putU16(FLAG, flag);
  }

  public static void clearFlag(Page page, int flag) {
    setFlag(page, flag(page) & ~flag);
  }

  /** Sets a bit of a bitmap page, or clears it. */
  public static void putBit(Page page, long bit, boolean isSet) {
    long at = Page.HEADER_BYTES + bit / 8;
    if (at >= SPECIAL) {
      throw new PageException("no such bit of a bitmap page: bit=" + bit);
    }
    int mask = 1 << (bit % 8);
    int old = page.u8((int) at);
    page.putU8((int) at, isSet ? old | mask : old & ~mask);
  }
}
