package io.walstrata.postgres.page;

/**
 * Header of an index tuple: 6 bytes that name a heap tuple, 2 bytes with the tuple's size and
 * flags. Methods take the page and where in it the tuple begins.
 *
 * <p>In PostgreSQL: {@code access/itup.h}, {@code storage/itemptr.h}. A tuple id there is block
 * number (upper half, lower half) and offset number, 2 bytes each; here it is a number of 48 bits
 * as those bytes stand, least significant first.
 */
public final class IndexTuple {
  /** Length of the header, {@code t_tid} and {@code t_info}: no tuple is shorter. */
  public static final int HEADER_BYTES = 8;

  /** Length of a tuple id. */
  public static final int TID_BYTES = 6;

  /** Where in the tuple {@code t_info} is. */
  public static final int INFO = 6;

  /** {@code t_info}: the tuple's size in bytes. */
  public static final int SIZE_MASK = 0x1FFF;

  /** {@code t_info}: a flag that each index method uses as it likes. */
  public static final int AM_RESERVED = 0x2000;

  private static final int OFFSET_NUMBER = 4;

  private IndexTuple() {}

  public static int info(Page page, int at) {
    return page.u16(at + INFO);
  }

  public static void setInfo(Page page, int at, int info) {
    page.putU16(at + INFO, info);
  }

  /** Returns the tuple's size in bytes. */
  public static int size(Page page, int at) {
    return info(page, at) & SIZE_MASK;
  }

  /** Returns {@code t_tid}, or another tuple id at this place. */
  public static long tid(Page page, int at) {
    return page.u32(at) | (long) page.u16(at + OFFSET_NUMBER) << 32;
  }

  public static void setTid(Page page, int at, long tid) {
    page.putI32(at, (int) tid);
    page.putU16(at + OFFSET_NUMBER, (int) (tid >>> 32));
  }

  /** Returns the block number of {@code t_tid}, unsigned 32 bits. */
  public static long block(Page page, int at) {
    return (long) page.u16(at) << 16 | page.u16(at + 2);
  }

  public static void setBlock(Page page, int at, long block) {
    page.putU16(at, (int) (block >>> 16));
    page.putU16(at + 2, (int) block);
  }

  /** Returns the offset number of {@code t_tid}. */
  public static int offsetNumber(Page page, int at) {
    return page.u16(at + OFFSET_NUMBER);
  }

  public static void setOffsetNumber(Page page, int at, int offsetNumber) {
    page.putU16(at + OFFSET_NUMBER, offsetNumber);
  }
}
