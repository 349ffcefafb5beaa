package io.walstrata.postgres.page;

/**
 * The header of a heap tuple, field by field, with PostgreSQL's names. All methods take the offset
 * in the page at which the tuple begins, as {@link Page#normalItem} returns it.
 *
 * <pre>
 *  0  t_xmin       4
 *  4  t_xmax       4
 *  8  t_cid        4   also t_xvac
 * 12  t_ctid       6   block: upper half 2, lower half 2; offset number 2
 * 18  t_infomask2  2
 * 20  t_infomask   2
 * 22  t_hoff       1   where the data begins
 * 23  t_bits           bitmap of nulls, then padding up to t_hoff
 * </pre>
 */
public final class HeapTuple {
  /** Length of the fixed part; what follows is the bitmap of nulls. */
  public static final int HEADER_BYTES = 23;

  /** No tuple is longer, header included. */
  public static final int MAX_BYTES =
      Page.BYTES - Page.align(Page.HEADER_BYTES + Page.ITEM_ID_BYTES);

  /** {@code t_infomask}: xmax is a key-share locker. */
  public static final int XMAX_KEYSHR_LOCK = 0x0010;

  /** {@code t_infomask}: t_cid stands for a pair of command ids. */
  public static final int COMBOCID = 0x0020;

  /** {@code t_infomask}: xmax is an exclusive locker. */
  public static final int XMAX_EXCL_LOCK = 0x0040;

  /** {@code t_infomask}: xmax only locks. */
  public static final int XMAX_LOCK_ONLY = 0x0080;

  /** {@code t_infomask}: xmin committed; with {@link #XMIN_INVALID} it is frozen. */
  public static final int XMIN_COMMITTED = 0x0100;

  /** {@code t_infomask}: xmin aborted; with {@link #XMIN_COMMITTED} it is frozen. */
  public static final int XMIN_INVALID = 0x0200;

  /** {@code t_infomask}: xmax committed. */
  public static final int XMAX_COMMITTED = 0x0400;

  /** {@code t_infomask}: there is no xmax, or it aborted. */
  public static final int XMAX_INVALID = 0x0800;

  /** {@code t_infomask}: xmax is a multixact. */
  public static final int XMAX_IS_MULTI = 0x1000;

  /** {@code t_infomask}: moved by a VACUUM FULL before 9.0, away or to here. */
  public static final int MOVED = 0xC000;

  /** {@code t_infomask}: all that is about xmax. */
  public static final int XMAX_BITS =
      XMAX_COMMITTED
          | XMAX_INVALID
          | XMAX_IS_MULTI
          | XMAX_EXCL_LOCK
          | XMAX_KEYSHR_LOCK
          | XMAX_LOCK_ONLY;

  /** {@code t_infomask2}: an update changed key columns, or the tuple was deleted. */
  public static final int KEYS_UPDATED = 0x2000;

  /** {@code t_infomask2}: the next version is on this page and in no index. */
  public static final int HOT_UPDATED = 0x4000;

  private static final int T_XMIN = 0;
  private static final int T_XMAX = 4;
  private static final int T_CID = 8;
  private static final int T_CTID = 12;
  private static final int T_INFOMASK2 = 18;
  private static final int T_INFOMASK = 20;
  private static final int T_HOFF = 22;

  private static final long MOVED_PARTITIONS_BLOCK = 0xFFFFFFFFL;
  private static final int MOVED_PARTITIONS_OFFSET = 0xFFFD;

  private HeapTuple() {}

  /** Returns the inserting transaction as it is stored, unsigned, also if it is frozen. */
  public static long xmin(Page page, int at) {
    return page.u32(at + T_XMIN);
  }

  public static void setXmin(Page page, int at, long xid) {
    page.putI32(at + T_XMIN, (int) xid);
  }

  /** Returns the deleting or locking transaction or multixact, unsigned. */
  public static long xmax(Page page, int at) {
    return page.u32(at + T_XMAX);
  }

  public static void setXmax(Page page, int at, long xid) {
    page.putI32(at + T_XMAX, (int) xid);
  }

  /** Returns the command id, unsigned; {@code t_xvac} if the tuple was moved. */
  public static long cid(Page page, int at) {
    return page.u32(at + T_CID);
  }

  /** Sets the command id to the first one and marks it as no pair of ids. */
  public static void resetCid(Page page, int at) {
    page.putI32(at + T_CID, 0);
    setInfomask(page, at, infomask(page, at) & ~COMBOCID);
  }

  /** Sets the transaction of an old VACUUM FULL, which is in the command id's place. */
  public static void setXvac(Page page, int at, long xid) {
    page.putI32(at + T_CID, (int) xid);
  }

  /** Returns the block of {@code t_ctid}, unsigned. */
  public static long ctidBlock(Page page, int at) {
    return (long) page.u16(at + T_CTID) << 16 | page.u16(at + T_CTID + 2);
  }

  /** Returns the offset number of {@code t_ctid}. */
  public static int ctidOffset(Page page, int at) {
    return page.u16(at + T_CTID + 4);
  }

  public static void setCtid(Page page, int at, long block, int offsetNumber) {
    page.putU16(at + T_CTID, (int) (block >>> 16));
    page.putU16(at + T_CTID + 2, (int) block);
    page.putU16(at + T_CTID + 4, offsetNumber);
  }

  /** Marks the tuple as moved to another partition by an update. */
  public static void setMovedPartitions(Page page, int at) {
    setCtid(page, at, MOVED_PARTITIONS_BLOCK, MOVED_PARTITIONS_OFFSET);
  }

  public static int infomask2(Page page, int at) {
    return page.u16(at + T_INFOMASK2);
  }

  public static void setInfomask2(Page page, int at, int infomask2) {
    page.putU16(at + T_INFOMASK2, infomask2);
  }

  public static int infomask(Page page, int at) {
    return page.u16(at + T_INFOMASK);
  }

  public static void setInfomask(Page page, int at, int infomask) {
    page.putU16(at + T_INFOMASK, infomask);
  }

  /** Returns where the data begins, counted from the tuple's begin. */
  public static int hoff(Page page, int at) {
    return page.u8(at + T_HOFF);
  }

  public static void setHoff(Page page, int at, int hoff) {
    page.putU8(at + T_HOFF, hoff);
  }

  /** Returns whether xmax of this infomask locks and does not delete. */
  public static boolean isLockedOnly(int infomask) {
    int lock = XMAX_IS_MULTI | XMAX_EXCL_LOCK | XMAX_KEYSHR_LOCK;
    return (infomask & XMAX_LOCK_ONLY) != 0 || (infomask & lock) == XMAX_EXCL_LOCK;
  }
}
