package io.walstrata.postgres.page;

/**
 * What a page of a BRIN index has beyond {@link Page}: its type at the very end, and by type the
 * contents of the meta page, which is block 0, or the places of the tuples of the ranges.
 *
 * <p>In PostgreSQL: {@code access/brin_page.h}.
 */
public final class BrinPage {
  /** Type: the meta page. */
  public static final int META = 0xF091;

  /** Type: a page of the range map. */
  public static final int REVMAP = 0xF092;

  /** Type: a page with tuples. */
  public static final int REGULAR = 0xF093;

  private static final int SPECIAL_BYTES = 8;
  private static final int SPECIAL = Page.BYTES - SPECIAL_BYTES;
  private static final int TYPE = SPECIAL + 6;

  private static final int CONTENTS = Page.HEADER_BYTES;
  private static final int META_MAGIC_NUMBER = 0xA8109CFA;
  private static final int META_MAGIC = CONTENTS;
  private static final int META_VERSION = CONTENTS + 4;
  private static final int META_PAGES_PER_RANGE = CONTENTS + 8;
  private static final int META_LAST_REVMAP_PAGE = CONTENTS + 12;
  private static final int META_BYTES = 16;

  /** How many places a page of the range map has. */
  static final int REVMAP_PAGE_MAXITEMS = (SPECIAL - CONTENTS) / IndexTuple.TID_BYTES;

  private static final long INVALID_BLOCK = 0xFFFFFFFFL;

  private BrinPage() {}

  /** Makes an empty page of a type. */
  public static void init(Page page, int type) {
    page.init(SPECIAL_BYTES);
    page.putU16(TYPE, type);
  }

  /** Makes the meta page; it has no pages of the range map yet. */
  public static void initMeta(Page page, long pagesPerRange, int version) {
    init(page, META);
    page.putI32(META_MAGIC, META_MAGIC_NUMBER);
    page.putI32(META_VERSION, version);
    page.putI32(META_PAGES_PER_RANGE, (int) pagesPerRange);
    endMeta(page);
  }

  private static void endMeta(Page page) {
    page.setLower(CONTENTS + META_BYTES);
  }

  /**
   * Checks that the page is one of this type.
   *
   * @throws PageException if not
   */
  public static void check(Page page, int type) {
    if (page.special() != SPECIAL || page.u16(TYPE) != type) {
      throw new PageException(
          "not a page of a BRIN index of this type: special="
              + page.special()
              + ", type="
              + page.u16(TYPE)
              + ", expected="
              + type);
    }
  }

  /** Sets the last page of the range map, on the meta page. */
  public static void setLastRevmapPage(Page page, long block) {
    page.putI32(META_LAST_REVMAP_PAGE, (int) block);
    endMeta(page);
  }

  /**
   * Sets where the tuple of a heap block's range is, on a page of the range map.
   *
   * @param offsetNumber 0 if there is none; {@code block} is then not used
   */
  public static void setPlace(
      Page page, long pagesPerRange, long heapBlock, long block, int offsetNumber) {
    if (pagesPerRange == 0) {
      throw new PageException("no pages in a range: pagesPerRange=0");
    }
    int index = (int) (heapBlock / pagesPerRange % REVMAP_PAGE_MAXITEMS);
    int at = CONTENTS + IndexTuple.TID_BYTES * index;
    IndexTuple.setBlock(page, at, offsetNumber == 0 ? INVALID_BLOCK : block);
    IndexTuple.setOffsetNumber(page, at, offsetNumber);
  }
}
